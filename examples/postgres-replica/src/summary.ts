import Table from 'cli-table3'
import { styleText } from 'node:util'
import { APP_NAMES, APP_TITLES, type AppName } from './app-message.ts'
import type { Board } from './board.ts'
import type { FaultKind } from './faults.ts'
import { formatMs, formatShare } from './format.ts'
import type { Latency, Spell } from './meter.ts'
import { HOLD_DOWN_MS, PLAIN_TIMEOUTS, READS_PER_SECOND } from './settings.ts'

type Row = readonly [title: string, cell: (app: AppName, board: Board) => string]

const NOT_SEEN = 'not seen'

const ROWS: readonly Row[] = [
  ['Reads sent', (app, { meters }) => `${meters[app].sent}`],
  ['Reads served', (app, { meters }) => `${meters[app].answered}`],
  ['Reads failed', failedReads],
  ['Latency while all is well', calmLatency],
  ['Added while killed', (app, board) => addedLatency(app, board, 'kill')],
  ['Added while frozen', (app, board) => addedLatency(app, board, 'freeze')],
  ['No read served, killed', (app, board) => silence(app, board, 'kill')],
  ['No read served, frozen', (app, board) => silence(app, board, 'freeze')],
  ['Kill noticed after', (app, board) => detection(app, board, 'kill')],
  ['Freeze noticed after', (app, board) => detection(app, board, 'freeze')],
  ['Back after the restart', (app, board) => duration(board.faults.recoveryMs(app, 'kill'))],
  ['Back after the resume', (app, board) => duration(board.faults.recoveryMs(app, 'freeze'))],
]

/** Everything in it is computed from what was measured. */
export function summaryTable(board: Board): string {
  const table = new Table({
    head: ['', ...APP_NAMES.map((app) => styleText('bold', APP_TITLES[app]))],
    style: { head: [], border: [] },
    // No rules between the rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const [title, cell] of ROWS) table.push([title, ...APP_NAMES.map((app) => cell(app, board))])
  return table.toString()
}

/** What a reader must know to judge the numbers. */
export function conditions(): string[] {
  const { connectionTimeoutMillis, query_timeout } = PLAIN_TIMEOUTS
  return [
    `Load: ${READS_PER_SECOND} reads/s to each, sent whether or not earlier ones were answered`,
    'Latency: median / p99; added: p99 / worst, less that median; failed reads too',
    'Noticed: a plain pool detects nothing; what counts is its first failed read',
    'Back: from the command that mends the replica until it serves reads again',
    `Plain pool: the replica, connectionTimeoutMillis ${connectionTimeoutMillis}, query_timeout ${query_timeout}`,
    `Failover pool: replica, primary; defaults, but holdDownMs ${HOLD_DOWN_MS} (default 10000)`,
  ]
}

/** What speaks against us; nothing, if the failover pool did all that it is for. */
export function objections({ meters, faults }: Board): string[] {
  const { failed, lastError } = meters.failover
  const missing = (['kill', 'freeze'] as const).flatMap((kind) => [
    ...(faults.detectionMs('failover', kind) === undefined ? [`no failover was seen after the ${kind}`] : []),
    ...(faults.recoveryMs('failover', kind) === undefined ? [`no recovery was seen after the ${kind}`] : []),
  ])
  return failed === 0 ? missing : [`${failed} reads failed, the last with: ${lastError}`, ...missing]
}

function failedReads(app: AppName, { meters }: Board): string {
  const { failed, finished } = meters[app]
  const text = failed === 0 ? '0' : `${failed} (${formatShare(failed, finished)})`
  return styleText(failed === 0 ? 'green' : 'red', text)
}

function calmLatency(app: AppName, { meters }: Board): string {
  const calm = meters[app].latency('calm')
  return calm === undefined ? NOT_SEEN : `${formatMs(calm.p50)} / ${formatMs(calm.p99)}`
}

function addedLatency(app: AppName, { meters }: Board, spell: Spell): string {
  const calm = meters[app].latency('calm')
  const then = meters[app].latency(spell)
  if (calm === undefined || then === undefined) return NOT_SEEN
  const added = (of: keyof Latency): string => formatMs(Math.max(0, then[of] - calm.p50))
  return `${added('p99')} / ${added('worst')}`
}

function silence(app: AppName, { meters }: Board, spell: Spell): string {
  return `for ${formatMs(meters[app].longestSilenceMs(spell))}`
}

function detection(app: AppName, { faults }: Board, kind: FaultKind): string {
  const ms = duration(faults.detectionMs(app, kind))
  return app === 'plain' && ms !== NOT_SEEN ? `${ms} (a read failed)` : ms
}

const duration = (ms: number | undefined): string => (ms === undefined ? NOT_SEEN : formatMs(ms))
