import { InvalidOptionError } from '../errors.ts'
import { callable, durationMs, knownKeys, optional, record } from '../options/validate.ts'
import { Attempt } from './attempt.ts'
import { CallContext, endless } from './call-context.ts'
import type { Gate } from './gate.ts'
import { refuseLater } from './guarded-call.ts'

export interface RunOptions {
  /** The caller's own: when it is aborted the call ends, and says nothing about the service. */
  signal?: AbortSignal | undefined
  /** The deadline of this call. Default: the breaker's `timeoutMs`. */
  timeoutMs?: number | undefined
}

/** Always a promise, whatever the work does. */
export async function runGuarded(
  gate: Gate,
  work: (context: CallContext) => unknown,
  options?: RunOptions,
): Promise<unknown> {
  callable('work', work)
  if (options !== undefined) checkRunOptions(options)
  const { signal, timeoutMs = gate.config.timeoutMs } = options ?? NO_OPTIONS
  signal?.throwIfAborted()
  if (gate.isPassing) return work(new CallContext(() => signal ?? endless()))
  const account = gate.admit()
  if (account === undefined) return refuseLater(gate, [])
  const attempt = new Attempt(gate, account, timeoutMs, signal)
  return attempt.start(() => work(new CallContext(() => attempt.signal)), undefined, [])
}

const NO_OPTIONS: RunOptions = Object.freeze({})

const aDuration = optional((option, value) => durationMs(option, value))

function checkRunOptions(options: RunOptions): void {
  knownKeys('run', record('options of run', options), ['signal', 'timeoutMs'])
  aDuration('timeoutMs', options.timeoutMs)
  const { signal } = options
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new InvalidOptionError('signal', 'an AbortSignal', signal)
}
