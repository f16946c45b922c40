import { APP_NAMES, APP_TITLES, type AppName } from './app-message.ts'
import type { Board, Note } from './board.ts'
import { formatMs } from './format.ts'
import type { View } from './view.ts'

const EVERY_MS = 1_000

/** For logs and pipes: a line per event, and one per second. */
export function startLineView(board: Board): View {
  const print = (at: number, text: string): void =>
    console.log(`${((at - board.startedAt) / 1_000).toFixed(1).padStart(5)} s  ${text}`)
  board.onNote((note) => print(note.at, noteLine(note)))
  const timer = setInterval(() => {
    if (board.meters.plain.sent > 0) print(Date.now(), secondLine(board))
  }, EVERY_MS)
  return {
    close() {
      clearInterval(timer)
      return Promise.resolve()
    },
  }
}

function noteLine({ app, text }: Note): string {
  return app === undefined ? `==> ${text}` : `${APP_TITLES[app]}: ${text}`
}

const secondLine = (board: Board): string => APP_NAMES.map((app) => lastSecond(board, app)).join('  |  ')

function lastSecond({ meters }: Board, app: AppName): string {
  const [second] = meters[app].seconds(Date.now(), 1)
  if (second === undefined) return APP_TITLES[app]
  const { answered, failed, slowestMs } = second
  return `${APP_TITLES[app]} ${answered}/s served, ${failed}/s failed, slowest ${formatMs(slowestMs)}`
}
