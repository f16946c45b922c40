import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Cell, Figures } from './cell.ts'

const run = promisify(execFile)
const PROBE = fileURLToPath(new URL('../probes/main.ts', import.meta.url))
/** Where the libraries are installed. */
const HERE = fileURLToPath(new URL('../..', import.meta.url))
const LONGEST_MS = 180_000

/** Options from outside could load the sources instead of what is built, or slow everything down. */
const { NODE_OPTIONS: _ignored, ...environment } = process.env

export async function runCell(cell: Cell, sampleMs: number): Promise<Figures> {
  const args = cell.probe === 'import' ? importOf(cell.library) : probeOf(cell, sampleMs)
  const { stdout } = await run(process.execPath, args, { cwd: HERE, env: environment, timeout: LONGEST_MS })
  return JSON.parse(stdout) as Figures
}

function probeOf(cell: Cell, sampleMs: number): string[] {
  return ['--expose-gc', PROBE, JSON.stringify(cell), String(sampleMs)]
}

/** Given on the command line: a file would warm up the loader that is measured. */
function importOf(name: string): string[] {
  const script = `const start = performance.now()
    await import(${JSON.stringify(name)})
    const ms = performance.now() - start
    process.stdout.write(JSON.stringify({ ms }), () => process.exit())`
  return ['--input-type=module', '--eval', script]
}
