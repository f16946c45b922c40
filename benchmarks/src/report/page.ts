/* The whole report: for people as a page, for programs as JSON. */
import type { BundleSize } from '../bundle-size.ts'
import type { Effort } from '../cells/cell.ts'
import type { Library } from '../subjects/subject.ts'
import { barsSection } from './bars.ts'
import { callSections } from './call-sections.ts'
import { configurationSection } from './configuration.ts'
import type { Environment } from './environment.ts'
import { otherSections } from './other-sections.ts'
import type { Results } from './results.ts'
import { section, type Section, sectionText } from './table.ts'

export interface Report {
  readonly environment: Environment
  readonly libraries: readonly Library[]
  readonly results: Results
  readonly sizes: readonly BundleSize[]
  readonly effort: Effort
  readonly command: string
  readonly rawFile: string
}

export function figureSections({ results, sizes }: Report): readonly Section[] {
  const sections = [barsSection(results, sizes), ...callSections(results), ...otherSections(results, sizes)]
  return sections.filter(({ measured }) => measured)
}

export function pageText(report: Report): string {
  const sections = [...figureSections(report), configurationSection(report.libraries), repeatSection(report)]
  return ['# What a circuit breaker costs', headText(report), ...sections.map(sectionText)].join('\n\n')
}

export function rawText({ environment, effort, sizes, results }: Report): string {
  const cells = results.all.map(({ cell, rounds, error }) => ({ ...cell, error, figures: rounds }))
  return JSON.stringify({ environment, effort, sizes, cells }, undefined, 2)
}

function headText({ environment, effort }: Report): string {
  const { date, cpu, cores, system, node, versions } = environment
  return [
    `Measured on ${date}, ${cpu}, ${cores} cores, ${system}, Node.js ${node}.`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `Every figure comes from processes of its own; ${effort.rounds} rounds went over all of them in turn. Shown is the median of the rounds (lowest..highest). A ratio compares figures of one round. **The ratios are the result**: nanoseconds depend on the machine, ratios hardly. Less than a tenth is noise.`,
  ].join('\n\n')
}

function repeatSection({ command, rawFile }: Report): Section {
  return section(
    'Again',
    ['```sh', command, '```'].join('\n'),
    `From a clone, with nothing but Node.js; it installs, builds @failover/core and measures what was built. Every single figure is in [${rawFile}](${rawFile}); how to read all this is in [the README](../README.md).`,
  )
}
