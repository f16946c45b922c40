import { eventually, type PostgresServer } from '@failover/testkit'
import { APP_NAMES } from './app-message.ts'
import type { Board } from './board.ts'
import type { FaultKind } from './faults.ts'
import { BELIEVABLE_READS, CALM_READS, STEP_LIMIT_MS } from './settings.ts'

export interface Stage {
  readonly board: Board
  readonly replica: PostgresServer
  /** Ends the play early. */
  readonly signal: AbortSignal
}

/** The play. Each step ends when what it is about was seen, never because some time has passed. */
export async function play(stage: Stage): Promise<void> {
  await calm(stage, 'both applications read from the replica')
  await kill(stage)
  await restart(stage)
  await calm(stage, 'the replica does all the work again')
  await freeze(stage)
  await resume(stage)
  await calm(stage, 'the replica does all the work again')
}

async function calm(stage: Stage, headline: string): Promise<void> {
  stage.board.enter('calm', headline)
  await moreReads(stage, 'answered by both', CALM_READS, ({ meters }) =>
    Math.min(...APP_NAMES.map((name) => meters[name].answered)),
  )
}

async function kill(stage: Stage): Promise<void> {
  stage.board.enter('kill', 'the replica is killed with kill -9')
  strike(stage, 'kill', 'K')
  await stage.replica.kill()
  await seeFailover(stage, 'kill')
}

async function restart(stage: Stage): Promise<void> {
  stage.board.enter('restart', 'the replica is started again')
  mend(stage, 'R')
  await stage.replica.restart()
  await seeRecovery(stage, 'kill')
}

async function freeze(stage: Stage): Promise<void> {
  stage.board.enter('freeze', 'the replica hangs: SIGSTOP, connections open, no answer')
  strike(stage, 'freeze', 'F')
  stage.replica.freeze()
  await seeFailover(stage, 'freeze')
}

async function resume(stage: Stage): Promise<void> {
  stage.board.enter('resume', 'the replica goes on: SIGCONT')
  mend(stage, 'R')
  stage.replica.resume()
  await seeRecovery(stage, 'freeze')
}

function strike({ board }: Stage, kind: FaultKind, letter: string): void {
  board.mark(letter)
  board.faults.strike(kind, Date.now())
}

function mend({ board }: Stage, letter: string): void {
  board.mark(letter)
  board.faults.mend(Date.now())
}

/** Until both have noticed, and it is plain to see how each of them fares. */
async function seeFailover(stage: Stage, kind: FaultKind): Promise<void> {
  for (const app of APP_NAMES)
    await until(
      stage,
      `the ${app} application to notice`,
      ({ faults }) => faults.detectionMs(app, kind) !== undefined,
    )
  await moreReads(
    stage,
    'answered by the primary',
    BELIEVABLE_READS,
    ({ meters }) => meters.failover.answered,
  )
}

async function seeRecovery(stage: Stage, kind: FaultKind): Promise<void> {
  for (const app of APP_NAMES)
    await until(
      stage,
      `the ${app} application to be back on the replica`,
      ({ faults }) => faults.recoveryMs(app, kind) !== undefined,
    )
  await until(stage, 'reads from the replica', ({ meters }) =>
    APP_NAMES.every((app) => meters[app].servedBy === 'replica'),
  )
  stage.board.faults.settle(Date.now())
}

async function moreReads(
  stage: Stage,
  what: string,
  reads: number,
  count: (board: Board) => number,
): Promise<void> {
  const enough = count(stage.board) + reads
  await until(stage, `${reads} reads ${what}`, (board) => count(board) >= enough)
}

async function until(
  { board, signal }: Stage,
  what: string,
  isSeen: (board: Board) => boolean,
): Promise<void> {
  const attempt = (): boolean => {
    signal.throwIfAborted()
    return isSeen(board)
  }
  await eventually(attempt, { what, timeoutMs: STEP_LIMIT_MS, isFinal: () => signal.aborted })
}
