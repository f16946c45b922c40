import { styleText } from 'node:util'
import type { Board } from './board.ts'
import { Stopped } from './stopping.ts'
import { conditions, objections, summaryTable } from './summary.ts'

const PASS = 'PASS: the failover pool failed no read; both failovers and recoveries were seen'

export interface Report {
  readonly text: string
  readonly status: number
}

/** @param failure what ended the demo early, if anything did */
export function reportOf(board: Board, failure: unknown): Report {
  if (failure instanceof Stopped)
    return { text: `\n${failure.message}; everything is taken down`, status: failure.status }
  const failures = failure === undefined ? [] : [messageOf(failure)]
  // Without a single read there is nothing to sum up.
  if (board.meters.failover.sent === 0) return { text: verdict(failures), status: 1 }
  const against = [...failures, ...objections(board)]
  const lines = ['', summaryTable(board), ...conditions(), '', verdict(against)]
  return { text: lines.join('\n'), status: against.length === 0 ? 0 : 1 }
}

function verdict(against: readonly string[]): string {
  if (against.length === 0) return styleText('green', PASS)
  return against.map((objection) => styleText('red', `FAIL: ${objection}`)).join('\n')
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
