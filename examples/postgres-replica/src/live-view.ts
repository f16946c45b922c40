import { Box, render, Text } from 'ink'
import { createElement as h, type ReactNode } from 'react'
import { APP_NAMES, APP_TITLES } from './app-message.ts'
import { STEPS, type Board, type Note } from './board.ts'
import { formatMs } from './format.ts'
import { Panel } from './panel.ts'
import { HOLD_DOWN_MS, PLAIN_TIMEOUTS, READS_PER_SECOND } from './settings.ts'
import type { View } from './view.ts'

const FRAME_MS = 200
const MAX_WIDTH = 132
/** Lines that are not events: head, panels, foot, and the one that must stay free for the cursor. */
const OTHER_LINES = 17
const MAX_EVENTS = 12

/** Two panels side by side, redrawn a few times a second. */
export function startLiveView(board: Board): View {
  // Ctrl-C is a signal, for us as for the applications: nothing is typed into the view.
  const app = render(h(Screen, { board, now: Date.now() }), { exitOnCtrlC: false, patchConsole: false })
  const draw = (): void => app.rerender(h(Screen, { board, now: Date.now() }))
  const timer = setInterval(draw, FRAME_MS)
  return {
    async close() {
      clearInterval(timer)
      draw()
      await app.waitUntilRenderFlush()
      app.unmount()
      await app.waitUntilExit()
    },
  }
}

interface Moment {
  readonly board: Board
  readonly now: number
}

function Screen({ board, now }: Moment): ReactNode {
  const width = Math.min(process.stdout.columns, MAX_WIDTH)
  return h(
    Box,
    { flexDirection: 'column', width },
    h(Head, { board, now }),
    h(Steps, { board }),
    h(
      Box,
      null,
      ...APP_NAMES.map((app) => h(Panel, { key: app, app, board, now, width: Math.floor(width / 2) })),
    ),
    h(Events, { board }),
    h(Foot),
  )
}

function Head({ board, now }: Moment): ReactNode {
  return h(
    Box,
    { justifyContent: 'space-between', paddingX: 1 },
    h(Text, { bold: true, wrap: 'truncate' }, capital(board.headline)),
    h(Text, { dimColor: true }, seconds(now - board.startedAt)),
  )
}

/** The play at a glance: what was, what is, what comes. */
function Steps({ board }: { readonly board: Board }): ReactNode {
  const steps = STEPS.map((step, index) => h(StepName, { key: index, step, place: index - board.stepIndex }))
  return h(Box, { paddingX: 1, columnGap: 2 }, ...steps)
}

function StepName({ step, place }: { readonly step: string; readonly place: number }): ReactNode {
  if (place === 0) return h(Text, { color: 'cyan', bold: true }, `▶ ${step}`)
  return h(Text, { dimColor: true }, place < 0 ? `✓ ${step}` : step)
}

function Events({ board }: { readonly board: Board }): ReactNode {
  const room = Math.min(MAX_EVENTS, process.stdout.rows - OTHER_LINES)
  const latest = board.notes.slice(-room)
  const lines = latest.map((note, index) => h(EventLine, { key: index, note, board }))
  return h(Box, { flexDirection: 'column', paddingX: 1, height: room }, ...lines)
}

function EventLine({ note, board }: { readonly note: Note; readonly board: Board }): ReactNode {
  const when = seconds(note.at - board.startedAt).padStart(7)
  const who = note.app === undefined ? '' : `${APP_TITLES[note.app]}: `
  return h(
    Text,
    { wrap: 'truncate' },
    h(Text, { dimColor: true }, `${when}  `),
    h(Text, { bold: note.app === undefined }, `${who}${note.text}`),
  )
}

function Foot(): ReactNode {
  const { connectionTimeoutMillis, query_timeout } = PLAIN_TIMEOUTS
  const text = [
    `${READS_PER_SECOND} reads/s each`,
    `plain: ${formatMs(Math.max(connectionTimeoutMillis, query_timeout))} timeouts`,
    `failover: defaults, holdDownMs ${HOLD_DOWN_MS}`,
  ].join(' · ')
  return h(Box, { paddingX: 1 }, h(Text, { dimColor: true, wrap: 'truncate' }, text))
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
