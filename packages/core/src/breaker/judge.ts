/*
 * What an outcome means, by the user's own functions where there are any. One of those that throws, or is async, has said nothing:
 * the default holds, the call is not touched, and the first time it is reported.
 */
import type { Clock } from '../clock/clock.ts'
import { FAILOVER_ERROR } from '../errors.ts'
import type { GateConfig } from './gate-config.ts'
import { isThenable } from './thenable.ts'

/** So deep is a wrapped error looked into. */
const DEEPEST_CAUSE = 8

/** By what outcomes are judged, and who is told of trouble. */
export interface Court {
  readonly config: GateConfig
  readonly clock: Clock
  report(what: string, trouble: unknown): void
}

/** Errors of this library are never evidence: whoever made them has counted already. A timeout of this call is. */
export function isFailure(court: Court, error: unknown, isOwnTimeout: boolean): boolean {
  return guarded(
    court,
    'isFailure',
    () => (isOwnTimeout || !isOurs(error)) && court.config.isFailure(error),
    true,
  )
}

export function isFailureResult(court: Court, result: unknown): boolean {
  const ask = court.config.isFailureResult
  return ask !== undefined && guarded(court, 'isFailureResult', () => ask(result), false)
}

/** What stands for the error where a result counted as a failure. */
export function failureResult(result: unknown): unknown {
  const status: unknown = typeof result === 'object' && result !== null && 'status' in result && result.status
  const message = typeof status === 'number' ? `status ${status}` : 'a result counted as a failure'
  return { name: 'FailureResult', message }
}

/** What stands for the error where a call took too long; undefined where it did not. */
export function slowness(court: Court, startedAt: number): unknown {
  const { tripRule } = court.config
  const tookMs = court.clock.now() - startedAt
  const isSlow = guarded(court, 'tripRule.isSlow', () => tripRule.isSlow?.(tookMs) === true, false)
  return isSlow ? { name: 'SlowCall', message: `a call took ${Math.round(tookMs)} ms` } : undefined
}

/** For how long the upstream asked to be left alone: whole milliseconds above 0. */
export function askedOpenMs(court: Court, subject: unknown): number | undefined {
  const ask = court.config.retryAfterMs
  if (ask === undefined || subject === undefined) return undefined
  const asked = guarded(court, 'retryAfterMs', () => ask(subject), undefined)
  return typeof asked === 'number' && asked > 0 && asked < Infinity ? Math.ceil(asked) : undefined
}

export function guarded<T>(court: Court, what: string, ask: () => T, otherwise: T): T {
  try {
    const answer = ask()
    if (typeof answer !== 'object' || !isThenable(answer)) return answer
    court.report(what, new TypeError('it answered with a promise, and nobody waits for that'))
  } catch (trouble) {
    court.report(what, trouble)
  }
  return otherwise
}

/** Also where others have wrapped it. */
function isOurs(error: unknown): boolean {
  let each = error
  for (let depth = 0; depth < DEEPEST_CAUSE && typeof each === 'object' && each !== null; depth += 1) {
    if (FAILOVER_ERROR in each) return true
    each = 'cause' in each ? each.cause : undefined
  }
  return false
}
