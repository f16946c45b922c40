export { classifyError, isWeakError } from './adapter/classify-error.ts'
export { describeError, type ErrorSummary } from './adapter/describe-error.ts'
export type { Verdict } from './adapter/verdict.ts'
export type { BreakerOptions, CircuitBreakerOptions } from './breaker/breaker-options.ts'
export type { CallContext } from './breaker/call-context.ts'
export { consecutiveFailures } from './breaker/consecutive-failures.ts'
export { failureRate, type FailureRateOptions } from './breaker/failure-rate.ts'
export type { Fallback, FallbackContext } from './breaker/gate-config.ts'
export type { GateCounts } from './breaker/gate-counts.ts'
export type { Permit } from './breaker/permit.ts'
export type { RunOptions } from './breaker/run-guarded.ts'
export type { Tally, TripRule } from './breaker/trip-rule.ts'
export { CircuitBreaker } from './circuit-breaker.ts'
export type { Clock, Timer, TimerOptions } from './clock/clock.ts'
export { systemClock } from './clock/system-clock.ts'
export {
  AcquireTimeoutError,
  CallTimeoutError,
  CircuitOpenError,
  ConnectionLostError,
  ContradictoryOptionsError,
  FailoverError,
  HookError,
  InvalidOptionError,
  MisconfiguredError,
  OutcomeUnknownError,
  PingError,
  ServiceError,
  StoreError,
  type FailoverErrorCode,
} from './errors.ts'
export type { FailoverEvent, FailoverEventOf, FailoverEventType } from './events/events.ts'
export { guardFetch, type GuardedFetch, type GuardFetchOptions, type OriginOverride } from './guard-fetch.ts'
export type { HealthReport, ServiceHealth } from './health/health-report.ts'
export { failfast, type FailfastOptions } from './failfast.ts'
export { HttpService, type HttpServiceOptions } from './http-service.ts'
export { KeyedCircuitBreaker } from './keyed-circuit-breaker.ts'
export type { KeyedCircuitBreakerOptions, KeyOverride } from './keyed/keyed-options.ts'
export { loadServices, type ServiceSpecifier } from './load-services.ts'
export type { Logger, LogFields } from './logging/logger.ts'
export type { CircuitSnapshot } from './machine/snapshot.ts'
export type { CircuitName, FailoverName, HoldKind, PingResultName } from './machine/state.ts'
export { monitored, recoversFromOutages } from './monitored.ts'
export type { HoldOptions } from './options/hold-options.ts'
export type { OutageError, ServiceMonitorOptions } from './options/monitor-options.ts'
export type { PingIntervals } from './options/ping-intervals.ts'
export {
  Service,
  type FailoverContext,
  type HookContext,
  type PingContext,
  type ServiceOptions,
} from './service.ts'
export { ServiceMonitor, type Closable, type CloseOptions } from './service-monitor.ts'
export { MemoryStateStore } from './store/memory-state-store.ts'
export type { CommitResult, SharedState, StateStore, StoredState } from './store/state-store.ts'
export { createSettings } from './settings/settings.ts'
