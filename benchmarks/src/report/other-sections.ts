/* What breakers hold, weigh and leave behind. */
import type { BundleSize } from '../bundle-size.ts'
import type { GroupName } from '../cells/cell.ts'
import type { Measured } from '../cells/run-rounds.ts'
import { middle, NOTHING, percent, spreadText, whole } from './format.ts'
import type { Results } from './results.ts'
import { type Column, tableOf } from './rows.ts'
import { section, type Section, tableText } from './table.ts'

export function otherSections(results: Results, sizes: readonly BundleSize[]): readonly Section[] {
  return [
    manyBreakers(results),
    bundles(sizes),
    imports(results),
    endurance(results),
    underOneSignal(results),
  ]
}

function manyBreakers(results: Results): Section {
  const figure = figureColumns(results, 'heap')
  const timers = figureColumns(results, 'timers')
  const columns = [
    figure('fresh', 'B each, fresh', whole),
    figure('afterOne', 'after 1 call', whole),
    figure('afterTwenty', 'after 20 calls, 1 failed', whole),
    figure('makeUs', 'us to make'),
    timers('busy', 'timers after calls', whole),
    timers('idle', 'timers when idle', whole),
    timers('holding', 'of these holding the process', whole),
    {
      ...figure('idleCpu', 'idle CPU'),
      text: (row: Measured) => percent(results.figure(row.cell, 'idleCpu')),
    },
  ]
  const intro =
    'Ten thousand of them in one process. Bytes of heap and typed arrays after garbage collection; timers of all ten thousand together, unref’d ones included; the share of one core that the process takes while nothing happens.'
  return section('10,000 breakers', intro, tableOf('', results.of('heap'), columns))
}

function figureColumns(results: Results, group: GroupName) {
  return (name: string, head: string, text?: (value: number) => string): Column => ({
    head,
    text: ({ cell }) => middle(results.figure({ ...cell, group }, name), text),
  })
}

function bundles(sizes: readonly BundleSize[]): Section {
  const rows = sizes.map(({ library, imported, minified, gzip }) => [
    `\`${imported}\` from ${library}`,
    minified === undefined ? NOTHING : whole(minified),
    gzip === undefined ? NOTHING : whole(gzip),
  ])
  const intro =
    'Bytes of what esbuild makes of one `export … from` (ESM, for Node.js, minified), and of that gzipped.'
  return section('Size', intro, tableText({ head: ['', 'minified', 'gzip'], rows }))
}

function imports(results: Results): Section {
  const columns = [
    {
      head: 'ms',
      text: ({ cell }: Measured) => spreadText(results.figure(cell, 'ms')),
    },
  ]
  const intro =
    '`await import()` in a fresh process each time, files in the page cache; `node:events` is the yardstick.'
  return section('Cold import', intro, tableOf('', results.of('import'), columns))
}

function endurance(results: Results): Section {
  const column = figureColumns(results, 'endurance')
  const columns = [column('calls', 'calls', whole), column('bytesPerCall', 'B of heap per call')]
  const intro =
    'The slope of the heap over ten points of a long run. A window of 10 s is not full before 10 s have passed, so what a library keeps per call in it shows here.'
  return section('Endurance', intro, tableOf('', results.of('endurance'), columns))
}

function underOneSignal(results: Results): Section {
  const column = figureColumns(results, 'signal')
  const columns = [
    column('calls', 'calls', whole),
    column('listeners', 'listeners left', whole),
    column('warnings', 'warnings', whole),
    column('bytesPerCall', 'B of heap per call'),
  ]
  const intro =
    'All calls, 100 in flight at a time, are given the signal of one controller that is never aborted.'
  return section('Calls under one long-lived signal', intro, tableOf('', results.of('signal'), columns))
}
