import type { Board } from './board.ts'
import { startLineView } from './line-view.ts'

export interface View {
  /** Shows the last state and gives the terminal back. */
  close(): Promise<void>
}

/** Narrower or lower, two panels do not fit side by side. */
const MIN_COLUMNS = 76
const MIN_ROWS = 24

export async function startView(board: Board): Promise<View> {
  if (!isForPeople()) return startLineView(board)
  // Read by React when it is loaded: its development build keeps a record of every render.
  process.env['NODE_ENV'] ??= 'production'
  const { startLiveView } = await import('./live-view.ts')
  return startLiveView(board)
}

function isForPeople(): boolean {
  const { isTTY, columns, rows } = process.stdout
  const isCi = (process.env['CI'] ?? '') !== ''
  return isTTY && !isCi && process.env['TERM'] !== 'dumb' && columns >= MIN_COLUMNS && rows >= MIN_ROWS
}
