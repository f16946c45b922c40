import type { LaneMode } from './fault-mode.ts'

/** What arrived from the sending side: bytes, its FIN, or its RST. */
export type Arrival =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly at: number; readonly luck: number }
  | { readonly kind: 'fin' | 'rst'; readonly at: number; readonly luck: number }

/** All that the decision depends on. */
export interface LaneView {
  readonly mode: LaneMode
  readonly head: Arrival | undefined
  /** Bytes forwarded since the mode was set. */
  readonly sinceMode: number
  /** A FIN was sent to the receiving side. */
  readonly isFinished: boolean
  /** When slow-drip may send again. */
  readonly dripAt: number
  readonly now: number
}

export type Step =
  | { readonly do: 'wait'; readonly ms?: number }
  | { readonly do: 'forward'; readonly bytes: number }
  | { readonly do: 'swallow' }
  /** FIN to the receiving side. */
  | { readonly do: 'finish' }
  /** RST to both sides. */
  | { readonly do: 'reset' }
  /** Close both sides without a reset. */
  | { readonly do: 'drop' }

const SLICES_PER_SECOND = 50

/** What a direction does next; pure. */
export function nextStep(view: LaneView): Step {
  if (view.mode.kind === 'half-close' && !view.isFinished) return { do: 'finish' }
  if (isResetDue(view)) return { do: 'reset' }
  if (view.head === undefined) return { do: 'wait' }
  if (view.mode.kind === 'black-hole') return intoBlackHole(view.head)
  return view.head.kind === 'bytes' ? stepOfBytes(view, view.head.bytes.length) : stepOfEnd(view)
}

function isResetDue({ mode, head, sinceMode }: LaneView): boolean {
  if (mode.kind !== 'reset' || sinceMode < mode.atByte) return false
  return mode.atByte > 0 || head?.kind === 'bytes'
}

/** Not even an end gets through: it stays where it is until the mode changes. */
const intoBlackHole = (head: Arrival): Step => (head.kind === 'bytes' ? { do: 'swallow' } : { do: 'wait' })

function stepOfEnd(view: LaneView): Step {
  const ms = latencyLeft(view)
  if (ms > 0) return { do: 'wait', ms }
  return { do: view.head?.kind === 'rst' ? 'reset' : view.isFinished ? 'swallow' : 'finish' }
}

function stepOfBytes(view: LaneView, length: number): Step {
  if (view.isFinished) return { do: 'swallow' }
  switch (view.mode.kind) {
    case 'reply-drop':
      return { do: 'drop' }
    case 'reset':
      return { do: 'forward', bytes: Math.min(length, view.mode.atByte - view.sinceMode) }
    case 'latency':
      return waitOr(latencyLeft(view), { do: 'forward', bytes: length })
    case 'slow-drip':
      return waitOr(view.dripAt - view.now, { do: 'forward', bytes: Math.min(length, slice(view.mode)) })
    default:
      return { do: 'forward', bytes: length }
  }
}

const waitOr = (ms: number, step: Step): Step => (ms > 0 ? { do: 'wait', ms } : step)

function latencyLeft({ mode, head, now }: LaneView): number {
  if (mode.kind !== 'latency' || head === undefined) return 0
  return head.at + mode.ms + head.luck * (mode.jitterMs ?? 0) - now
}

const slice = ({ bytesPerSecond }: { bytesPerSecond: number }): number =>
  Math.max(1, Math.floor(bytesPerSecond / SLICES_PER_SECOND))

/** When slow-drip may send again after it sent so many bytes. */
export function dripAfter(mode: LaneMode, bytes: number, now: number): number {
  return mode.kind === 'slow-drip' ? now + (bytes * 1000) / mode.bytesPerSecond : now
}
