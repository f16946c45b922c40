import { InvalidOptionError } from '../errors.ts'
import { callable, durationMs, knownKeys, optional, record } from '../options/validate.ts'
import { CallContext, endless } from './call-context.ts'
import { CancellableAttempt } from './cancellable-attempt.ts'
import type { Gate } from './gate.ts'
import { refuseLater } from './guarded-call.ts'
import type { Round } from './round.ts'

export interface RunOptions {
  /** The caller's own: when it is aborted the call ends, and says nothing about the service. */
  signal?: AbortSignal | undefined
  /** The deadline of this call. Default: the breaker's `timeoutMs`. */
  timeoutMs?: number | undefined
}

export type Work = (context: CallContext) => unknown

/**
 * Always answers with a promise, whatever the work does.
 *
 * @param args what the fallback is told
 */
export function runGuarded(
  gate: Gate,
  work: Work,
  options: RunOptions | undefined,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const round = options === undefined ? gate.leanRound : undefined
  if (round === undefined || typeof work !== 'function') return runFully(gate, work, options ?? {}, args)
  return runLean(round, work)
}

function runLean(round: Round, work: Work): Promise<unknown> {
  try {
    const result = work(new CallContext(endless))
    const promise = result instanceof Promise ? result : Promise.resolve(result)
    return promise.then(round.onValue, round.onError)
  } catch (error) {
    return Promise.reject(error as Error).catch(round.onError)
  }
}

async function runFully(
  gate: Gate,
  work: Work,
  options: RunOptions,
  args: readonly unknown[],
): Promise<unknown> {
  callable('work', work)
  checkRunOptions(options)
  const { signal, timeoutMs = gate.config.timeoutMs } = options
  signal?.throwIfAborted()
  if (gate.isPassing) return work(new CallContext(() => signal ?? endless()))
  const account = gate.admit()
  if (account === undefined) return refuseLater(gate, args)
  const attempt = new CancellableAttempt(gate, account, timeoutMs, signal)
  return attempt.start(() => work(new CallContext(() => attempt.signal)), undefined, args)
}

const aDuration = optional((option, value) => durationMs(option, value))

function checkRunOptions(options: RunOptions): void {
  knownKeys('run', record('options of run', options), ['signal', 'timeoutMs'])
  aDuration('timeoutMs', options.timeoutMs)
  const { signal } = options
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new InvalidOptionError('signal', 'an AbortSignal', signal)
}
