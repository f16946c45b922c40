import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { TripRule } from './trip-rule.ts'

export interface FallbackContext {
  /** Why it is asked: the call was refused, or failed. Undefined where a result counted as a failure. */
  readonly error: unknown
  /** The result that counted as a failure, and is replaced by the fallback's. */
  readonly result?: unknown
  /** What the call was given; empty for `run`. */
  readonly args: readonly unknown[]
}

export type Fallback = (context: FallbackContext) => unknown

/** What a gate goes by. Validated before it gets here. */
export interface GateConfig {
  readonly tripRule: TripRule
  /** Whether the trip rule asks how long calls take. */
  readonly isTimed: boolean
  /** Whether a call need neither be timed nor awaited by anybody but its caller. */
  readonly isLean: boolean
  readonly timeoutMs: number | undefined
  readonly isFailure: (error: unknown) => boolean
  readonly isFailureResult: ((result: unknown) => boolean) | undefined
  readonly retryAfterMs: ((errorOrResult: unknown) => number | undefined) | undefined
  readonly fallback: Fallback | undefined
  readonly describe: (error: unknown) => ErrorSummary
}
