/* Round after round over all cells, so that a slow minute of the machine falls on all of them. */
import { fileURLToPath } from 'node:url'
import { SingleBar } from 'cli-progress'
import type { Cell, Figures } from './cell.ts'
import { runCell } from './run-cell.ts'

export interface Measured {
  readonly cell: Cell
  readonly rounds: readonly Figures[]
  readonly error?: string
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))

interface Progress {
  readonly rounds: Figures[]
  error?: string
}

export async function runRounds(cells: readonly Cell[], sampleMs: number): Promise<readonly Measured[]> {
  const progress = new Map<Cell, Progress>(cells.map((cell) => [cell, { rounds: [] }]))
  const order = orderOf(cells.filter(({ reason }) => reason === undefined))
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {eta_formatted} left | {cell}',
    etaBuffer: 50,
    ...ON_LOGS,
  })
  bar.start(order.length, 0, { cell: '' })
  for (const cell of order) {
    bar.update({ cell: cell.id })
    await runOnce(cell, progress.get(cell) ?? { rounds: [] }, sampleMs)
    bar.increment()
  }
  bar.stop()
  return [...progress].map(([cell, outcome]) => ({ cell, ...outcome }))
}

const ON_LOGS = { noTTYOutput: true, notTTYSchedule: 10_000, clearOnComplete: true }

function orderOf(cells: readonly Cell[]): readonly Cell[] {
  const most = Math.max(0, ...cells.map(({ rounds }) => rounds))
  const rounds = Array.from({ length: most }, (_, round) => cells.filter((cell) => round < cell.rounds))
  // Every other round backwards: no cell always runs after the same one.
  return rounds.flatMap((round, index) => (index % 2 === 0 ? round : round.toReversed()))
}

async function runOnce(cell: Cell, outcome: Progress, sampleMs: number): Promise<void> {
  if (outcome.error !== undefined) return
  try {
    outcome.rounds.push(await runCell(cell, sampleMs))
  } catch (error) {
    outcome.error = reasonOf(error)
  }
}

/** What the process said, without its command line and without the folders of this machine. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('killed' in error && error.killed === true) return 'took too long'
  const printed = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : error.message
  const said = /^\w*Error.*$/m.exec(printed)?.[0] ?? 'the process ended without figures'
  return said.replaceAll(REPOSITORY, '')
}
