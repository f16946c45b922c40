/* `node main.ts [options]`: measures, prints, writes the page. Fails only if a cell did not run. */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { bundleSizes } from './bundle-size.ts'
import type { Cell } from './cells/cell.ts'
import { planOf } from './cells/plan.ts'
import { runRounds } from './cells/run-rounds.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { environmentNow } from './report/environment.ts'
import { figureSections, pageText, rawText, type Report } from './report/page.ts'
import { Results } from './report/results.ts'
import { sectionText } from './report/table.ts'
import { everyLibrary } from './subjects/libraries.ts'
import type { Library } from './subjects/subject.ts'

const RESULTS = new URL('../results/', import.meta.url)

const options = readOptions(process.argv.slice(2))
const libraries = await everyLibrary()
const cells = planOf(libraries, options.effort).filter(({ id }) => options.only?.test(id) ?? true)

if (options.help) console.log(USAGE)
else if (options.list) console.log(cells.map(({ id }) => id).join('\n'))
else await bench(options, libraries, cells)
// Making a breaker of some library may have started timers.
process.exit()

async function bench(options: Options, libraries: readonly Library[], cells: readonly Cell[]): Promise<void> {
  const report = await measure(options, libraries, cells)
  for (const part of figureSections(report)) console.log(`\n${sectionText(part)}`)
  if (options.only === undefined) await write(report)
  reportCrashes(report)
}

async function measure(
  { effort, only, quick }: Options,
  libraries: readonly Library[],
  cells: readonly Cell[],
): Promise<Report> {
  const results = new Results(await runRounds(cells, effort.sampleMs))
  return {
    environment: environmentNow(libraries),
    libraries,
    results,
    sizes: only?.test('size') === false ? [] : await bundleSizes(libraries),
    effort,
    command: `npx --yes pnpm bench${quick ? ' --quick' : ''}`,
    rawFile: quick ? 'breaker-quick.json' : 'breaker.json',
  }
}

/** A quick run has a page of its own, so that it does not replace a thorough one. */
async function write(report: Report): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const raw = new URL(report.rawFile, RESULTS)
  const page = new URL(report.rawFile.replace('.json', '.md'), RESULTS)
  await writeFormatted(raw, rawText(report))
  await writeFormatted(page, pageText(report))
  console.log(`written: ${fileURLToPath(page)}`)
}

async function writeFormatted(file: URL, text: string): Promise<void> {
  const filepath = fileURLToPath(file)
  await writeFile(file, await format(text, { ...(await resolveConfig(filepath)), filepath }))
}

function reportCrashes({ results, sizes }: Report): void {
  const cells = results.all.map(({ cell, error }) => ({ what: cell.id, error }))
  const bundles = sizes.map(({ library, imported, error }) => ({
    what: `size | ${library} | ${imported}`,
    error,
  }))
  const crashed = [...cells, ...bundles].filter(({ error }) => error !== undefined)
  for (const { what, error } of crashed) console.error(`did not run: ${what}: ${error}`)
  if (crashed.length > 0) process.exitCode = 1
}
