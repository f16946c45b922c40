/* What a call costs. */
import { CALLS_IN_WINDOW } from '../cells/plan.ts'
import type { GroupName } from '../cells/cell.ts'
import type { Measured } from '../cells/run-rounds.ts'
import { digits, middle, NOTHING, spreadText, times, whole } from './format.ts'
import { type Address, type Results } from './results.ts'
import { type Column, nameOf, tableOf } from './rows.ts'
import { footnotes, section, type Section, tableText } from './table.ts'

const OURS = '@failover/core'

export function callSections(results: Results): readonly Section[] {
  return [
    closed(results),
    betweenLibraries(results),
    timeout(results),
    failing(results),
    windows(results),
    refused(results),
  ]
}

function closed(results: Results): Section {
  const intro =
    'The task is `async (x) => x + 1`; the call is awaited. In flight: 1,000 calls are begun, then all are awaited.'
  return section('A closed breaker', intro, bothWays(results, 'closed', 'closed, in flight'))
}

function timeout(results: Results): Section {
  const intro =
    'As above, with a limit of 10 s that is never reached. The second row sets and clears a timer around each call, and would limit nothing.'
  return section('With a timeout', intro, bothWays(results, 'timeout', 'timeout, in flight'))
}

function failing(results: Results): Section {
  const intro =
    'The task throws one error that was made before, in 49 of 50 calls; the call is awaited in `try`/`catch`. Thresholds are so high that nothing trips. Where a failure costs more with more calls in the window, this figure depends on how long one measures: see the next table.'
  return section('A failing call', intro, tableOf('', results.of('failing'), timeColumns(results, 'failing')))
}

function refused(results: Results): Section {
  const intro =
    'The breaker was opened by failing calls. Calls are awaited in `try`/`catch`; *permit* is `tryAcquire()`, which needs neither.'
  return section('A refused call', intro, tableOf('', results.of('refused'), timeColumns(results, 'refused')))
}

/** One table for calls that follow each other, and calls in flight together. */
function bothWays(results: Results, alone: GroupName, together: GroupName): string {
  const columns = [...timeColumns(results, alone), ...timeColumns(results, together, ', in flight')]
  const rows = results.of(alone)
  return tableOf('', rows.length > 0 ? rows : results.of(together), columns)
}

function timeColumns(results: Results, group: GroupName, suffix = ''): readonly Column[] {
  const at = (measured: Measured): Address => addressIn(group, measured)
  return [
    { head: `of a bare call${suffix}`, text: (measured) => times(results.ofBare(at(measured))) },
    { head: `ns${suffix}`, text: (measured) => spreadText(results.figure(at(measured), 'ns')) },
  ]
}

function addressIn(group: GroupName, { cell }: Measured): Address {
  return { group, library: cell.library, subject: cell.subject }
}

/** Rules of a kind, beside each other. */
const LIKES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['consecutive', [['cockatiel', 'consecutive']]],
  [
    'count 100',
    [
      ['cockatiel', 'count 100'],
      ['mollitia', 'count 100'],
    ],
  ],
  [
    'time 10 s',
    [
      ['cockatiel', 'sampling 10 s'],
      ['opossum', 'leanest'],
      ['opossum', 'timeout: false'],
      ['opossum', 'default'],
      ['mollitia', 'time 10 s'],
    ],
  ],
]

function betweenLibraries(results: Results): Section {
  const known = results.of('closed').length + results.of('closed, in flight').length > 0
  const rows = (known ? LIKES : []).flatMap(([ours, peers]) =>
    peers.map(([library, subject]) => [
      `${library}: ${subject}`,
      ours,
      ...ratios(results, ours, library, subject),
    ]),
  )
  const head = ['peer', `${OURS}`, 'peer / ours', 'peer / ours, in flight']
  const intro = 'How many times the cost of ours each peer has, closed, with a rule of the same kind.'
  return section('Between the libraries', intro, tableText({ head, rows }, ['l', 'l', 'r', 'r']))
}

function ratios(results: Results, ours: string, library: string, subject: string): readonly string[] {
  const groups: readonly GroupName[] = ['closed', 'closed, in flight']
  return groups.map((group) =>
    times(results.ratio({ group, library, subject }, { group, library: OURS, subject: ours })),
  )
}

function windows(results: Results): Section {
  const cells = results.of('window')
  const names = [...new Set(cells.map(nameOf))]
  const rows = names.map((name) =>
    windowRow(
      results,
      cells.filter((measured) => nameOf(measured) === name),
    ),
  )
  const head = ['', ...CALLS_IN_WINDOW.map((calls) => `${whole(calls)} calls`), 'most / least']
  const reasons = [
    ...new Set(
      cells.flatMap(({ cell }) =>
        cell.reason === undefined ? [] : [`${cell.library}: ${cell.subject}: ${cell.reason}`],
      ),
    ),
  ]
  const intro =
    'Microseconds of one failing call after that many calls that succeeded in the same window. A window of 100 calls holds 100 of them; the row shows that it does not care.'
  return section('A failing call in a full window', intro, tableText({ head, rows }), footnotes(reasons))
}

function windowRow(results: Results, cells: readonly Measured[]): readonly string[] {
  const [first] = cells
  const medians = cells.map((measured) =>
    results.figure({ ...addressIn('window', measured), size: measured.cell.size }, 'us'),
  )
  const known = medians.flatMap((spread) => (spread === undefined ? [] : [spread.median]))
  const growth = known.length < cells.length ? NOTHING : `${digits(Math.max(...known) / Math.min(...known))}x`
  return [first === undefined ? '' : nameOf(first), ...medians.map((spread) => middle(spread)), growth]
}
