import { Box, Text } from 'ink'
import { createElement as h, type ReactNode } from 'react'
import { APP_TITLES, type AppName } from './app-message.ts'
import type { Board } from './board.ts'
import { formatMs } from './format.ts'
import type { Second } from './meter.ts'
import { sparkline } from './sparkline.ts'
import { PLAIN_TIMEOUTS, READS_PER_SECOND } from './settings.ts'

export interface PanelProps {
  readonly app: AppName
  readonly board: Board
  readonly now: number
  readonly width: number
}

type Mood = 'green' | 'yellow' | 'red'

const LABEL_WIDTH = 9
/** Border and padding of both sides. */
const FRAME_WIDTH = 4
/** More reads than this under way: somebody hangs. */
const MANY_WAITING = 10

/** How one application fares. */
export function Panel({ app, board, now, width }: PanelProps): ReactNode {
  const meter = board.meters[app]
  const chart = meter.seconds(now, width - FRAME_WIDTH - LABEL_WIDTH)
  const last = chart.at(-1) ?? { answered: 0, failed: 0, slowestMs: 0 }
  const waiting = meter.sent - meter.finished
  const mood = moodOf(last, waiting)
  return h(
    Box,
    { flexDirection: 'column', borderStyle: 'round', borderColor: mood, paddingX: 1, width },
    h(Title, { app, board, mood }),
    h(Line, { label: 'served', text: count(meter.answered, last.answered) }),
    h(Line, { label: 'failed', text: count(meter.failed, last.failed), isBad: meter.failed > 0 }),
    h(Line, { label: 'waiting', text: `${waiting}`.padStart(6), isBad: waiting > MANY_WAITING }),
    h(Line, { label: 'latency', text: latencyText(board, app, now) }),
    h(Text, null, ' '),
    h(Chart, { label: 'served', color: 'green', bars: bars(chart, 'answered', READS_PER_SECOND) }),
    h(Chart, { label: 'failed', color: 'red', bars: bars(chart, 'failed', READS_PER_SECOND) }),
    h(Chart, { label: 'slowest', color: 'yellow', bars: bars(chart, 'slowestMs', SLOWEST_MS) }),
    h(Chart, { label: '', color: 'cyan', bars: markLine(board, now, chart.length) }),
  )
}

/** The same scale in both panels: what the longest timeout of the plain pool allows. */
const SLOWEST_MS = Math.max(...Object.values(PLAIN_TIMEOUTS))

function moodOf({ failed }: Second, waiting: number): Mood {
  if (failed > 0) return 'red'
  return waiting > MANY_WAITING ? 'yellow' : 'green'
}

function Title({ app, board, mood }: { app: AppName; board: Board; mood: Mood }): ReactNode {
  const target = app === 'plain' ? 'replica' : board.activeTarget
  return h(
    Box,
    { justifyContent: 'space-between' },
    h(Text, { bold: true }, APP_TITLES[app]),
    h(Text, null, 'reads from ', h(Text, { color: mood, bold: true }, target)),
  )
}

function Line({ label, text, isBad = false }: { label: string; text: string; isBad?: boolean }): ReactNode {
  return h(
    Text,
    { wrap: 'truncate' },
    h(Text, { dimColor: true }, label.padEnd(LABEL_WIDTH)),
    h(Text, isBad ? { color: 'red' } : {}, text),
  )
}

function Chart({ label, color, bars }: { label: string; color: string; bars: string }): ReactNode {
  return h(
    Text,
    { wrap: 'truncate' },
    h(Text, { dimColor: true }, label.padEnd(LABEL_WIDTH)),
    h(Text, { color }, bars),
  )
}

const count = (total: number, lastSecond: number): string =>
  `${String(total).padStart(6)}${`${lastSecond}/s`.padStart(8)}`

function latencyText({ meters }: Board, app: AppName, now: number): string {
  const latency = meters[app].recentLatency(now)
  if (latency === undefined) return '     -'
  return `${formatMs(latency.p50)} / ${formatMs(latency.p99)} (p50 / p99)`
}

const bars = (seconds: readonly Second[], key: keyof Second, highest: number): string =>
  sparkline(
    seconds.map((second) => second[key]),
    highest,
  )

/** Under the charts: what was done to the replica in which second. */
function markLine({ marks, loadStartedAt }: Board, now: number, length: number): string {
  const over = Math.floor((now - loadStartedAt) / 1_000)
  const letters = Array.from({ length }, () => ' ')
  for (const { at, letter } of marks) {
    const place = Math.floor((at - loadStartedAt) / 1_000) - (over - length)
    if (place >= 0 && place < length) letters[place] = letter
  }
  return letters.join('')
}
