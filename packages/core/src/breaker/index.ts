/* The entry `@failover/core/breaker`: breakers by themselves, for who needs nothing else. All of it is in the main entry too. */
export { CircuitBreaker } from '../circuit-breaker.ts'
export { systemClock } from '../clock/system-clock.ts'
export type { Clock, Timer, TimerOptions } from '../clock/clock.ts'
export {
  CallTimeoutError,
  CircuitOpenError,
  ContradictoryOptionsError,
  FailoverError,
  InvalidOptionError,
  type FailoverErrorCode,
} from '../errors.ts'
export type { CircuitSnapshot } from '../machine/snapshot.ts'
export type { CircuitName, HoldKind } from '../machine/state.ts'
export type { HoldOptions } from '../options/hold-options.ts'
export type { BreakerOptions, CircuitBreakerOptions } from './breaker-options.ts'
export type { CallContext } from './call-context.ts'
export { consecutiveFailures } from './consecutive-failures.ts'
export { failureRate, type FailureRateOptions } from './failure-rate.ts'
export type { Fallback, FallbackContext } from './gate-config.ts'
export type { GateCounts } from './gate-counts.ts'
export type { Permit } from './permit.ts'
export type { RunOptions } from './run-guarded.ts'
export type { Tally, TripRule } from './trip-rule.ts'
