/* What may happen to a service. Signals carry facts, never wishes. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { Hold, HookName } from './state.ts'

export type Signal =
  | { readonly type: 'time-passed' }
  | { readonly type: 'ping-succeeded' }
  | { readonly type: 'ping-failed'; readonly error: ErrorSummary }
  /** `counts`: whether the third in a row is taken for a failure (our own stalls) or never (this host is out of sockets). */
  | { readonly type: 'ping-inconclusive'; readonly error: ErrorSummary; readonly counts: boolean }
  | { readonly type: 'ping-misconfigured'; readonly error: ErrorSummary }
  /** `openMs`: for how long the upstream asked to be left alone. */
  | {
      readonly type: 'calls-tripped'
      readonly generation: number
      readonly error: ErrorSummary
      readonly openMs?: number | undefined
    }
  | { readonly type: 'call' }
  | {
      readonly type: 'trial-succeeded' | 'trial-ignored'
      readonly generation: number
      readonly trial: number
    }
  | {
      readonly type: 'trial-failed'
      readonly generation: number
      readonly trial: number
      readonly error: ErrorSummary
      readonly openMs?: number | undefined
    }
  | { readonly type: 'hook-fulfilled'; readonly hook: HookName; readonly attempt: number }
  | {
      readonly type: 'hook-failed'
      readonly hook: HookName
      readonly attempt: number
      readonly error: ErrorSummary
    }
  | {
      readonly type: 'hook-timed-out'
      readonly hook: HookName
      readonly attempt: number
      readonly error: ErrorSummary
    }
  /** Others who share the circuit opened it, `ageMs` ago, for `openMs`. */
  | {
      readonly type: 'shared-opened'
      readonly error: ErrorSummary
      readonly openMs: number
      readonly openings: number
      readonly ageMs: number
    }
  | { readonly type: 'shared-closed' }
  | { readonly type: 'held'; readonly hold: Hold }
  | { readonly type: 'unheld' }

export type SignalOf<T extends Signal['type']> = Extract<Signal, { readonly type: T }>
