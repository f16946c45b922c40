import { isLocalTrouble } from '../adapter/classify-error.ts'
import { describeError } from '../adapter/describe-error.ts'
import { errorChain } from '../adapter/error-chain.ts'
import type { Verdict } from '../adapter/verdict.ts'
import type { Clock } from '../clock/clock.ts'
import { MisconfiguredError, PingError } from '../errors.ts'
import type { Signal } from '../machine/signal.ts'
import type { PingContext } from '../service.ts'
import { StallWatch } from './stall-watch.ts'

/**
 * Node runs expired timers before it reads sockets: after a blocked loop the deadline fires although the answer already
 * lies in the kernel. So many turns let it be read before the verdict (measured: three are enough).
 */
const TURNS_BEFORE_VERDICT = 3

export interface PingRequest {
  readonly ping: (context: PingContext) => unknown
  readonly timeoutMs: number
  readonly classify: (error: unknown) => Verdict
  readonly clock: Clock
  /** Aborted when the ping is no longer wanted. */
  readonly cancelled: AbortSignal
}

export type PingSignal = Extract<Signal, { readonly type: `ping-${string}` }>

export interface PingReport {
  /** Undefined when the ping was cancelled. */
  readonly signal: PingSignal | undefined
  /** Resolves when the user's code has really ended; it may outlive its deadline. */
  readonly ended: Promise<void>
}

type Ending = 'good' | { readonly error: unknown } | 'late' | 'cancelled'

/** Runs one ping to its end or its deadline, whichever is first; an answer after that is dropped. Never rejects. */
export async function runPing(request: PingRequest): Promise<PingReport> {
  const { clock, timeoutMs } = request
  const controller = new AbortController()
  const startedAt = clock.now()
  const watch = new StallWatch(clock, timeoutMs)
  const answer = ask(request.ping, controller.signal)
  const ending = await firstOf(answer, deadline(request, answer), request.cancelled)
  const stalledMs = watch.stop()
  const ended = answer.then(() => {})
  if (ending === 'late' || ending === 'cancelled') controller.abort(timeoutError(timeoutMs))
  const wasAlive = stalledMs === 0 || clock.now() - startedAt - stalledMs >= timeoutMs
  return { signal: toSignal(ending, request, wasAlive), ended }
}

async function ask(ping: PingRequest['ping'], signal: AbortSignal): Promise<Ending> {
  try {
    await ping({ signal })
    return 'good'
  } catch (error) {
    return { error }
  }
}

interface Deadline {
  readonly passed: Promise<'late'>
  cancel(): void
}

function deadline({ clock, timeoutMs }: PingRequest, answer: Promise<Ending>): Deadline {
  let cancel = (): void => {}
  const passed = new Promise<'late'>((resolve) => {
    const timer = clock.startTimer(
      () => void clock.turns(TURNS_BEFORE_VERDICT).then(() => resolve('late')),
      timeoutMs,
    )
    cancel = () => timer.cancel()
  })
  void answer.then(cancel)
  return { passed, cancel }
}

function firstOf(
  answer: Promise<Ending>,
  { passed, cancel }: Deadline,
  cancelled: AbortSignal,
): Promise<Ending> {
  return new Promise((resolve) => {
    const onCancel = (): void => settle('cancelled')
    const settle = (ending: Ending): void => {
      cancel()
      cancelled.removeEventListener('abort', onCancel)
      resolve(ending)
    }
    cancelled.addEventListener('abort', onCancel)
    if (cancelled.aborted) onCancel()
    void answer.then(settle)
    void passed.then(settle)
  })
}

function toSignal(ending: Ending, request: PingRequest, wasAlive: boolean): PingSignal | undefined {
  switch (ending) {
    case 'good':
      return { type: 'ping-succeeded' }
    case 'late':
      return fromTimeout(request.timeoutMs, wasAlive)
    case 'cancelled':
      return undefined
    default:
      return fromError(ending.error, request.classify)
  }
}

/** A timeout counts when the loop was alive for the whole of it; else our own stall may explain it. */
function fromTimeout(timeoutMs: number, wasAlive: boolean): PingSignal {
  const error = describeError(timeoutError(timeoutMs))
  return wasAlive ? { type: 'ping-failed', error } : { type: 'ping-inconclusive', error, counts: true }
}

function fromError(thrown: unknown, classify: (error: unknown) => Verdict): PingSignal {
  const error = describeError(thrown)
  for (const cause of errorChain(thrown)) {
    if (cause instanceof MisconfiguredError) return { type: 'ping-misconfigured', error }
  }
  const isInconclusive = isLocalTrouble(thrown) || verdictOf(thrown, classify) === 'saturated'
  return isInconclusive ? { type: 'ping-inconclusive', error, counts: false } : { type: 'ping-failed', error }
}

/** A classifier that throws has said nothing. */
function verdictOf(error: unknown, classify: (error: unknown) => Verdict): Verdict {
  try {
    return classify(error)
  } catch {
    return 'application'
  }
}

function timeoutError(timeoutMs: number): PingError {
  return new PingError('ERR_PING_TIMEOUT', `no answer within ${timeoutMs} ms`)
}
