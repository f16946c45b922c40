/* Every default of the package. Durations are milliseconds. */

/** The ancestor's unhurried rhythm: a service is pinged every two minutes, every 30 s while down, 5 s after an error. */
export const DEFAULT_PING_INTERVALS = Object.freeze({
  monitoringMs: 120_000,
  outageMs: 30_000,
  errorMs: 5_000,
})
export const DEFAULT_PING_TIMEOUT_MS = 3_000
export const DEFAULT_HOOK_TIMEOUT_MS = 10_000
export const DEFAULT_OUTAGE_LOG_INTERVAL_MS = 3_600_000
export const DEFAULT_FAILURES_TO_OPEN = 1
export const DEFAULT_SUCCESSES_TO_CLOSE = 1
/** Share of an interval by which a background ping may come later, so that a fleet does not ping in step. */
export const DEFAULT_JITTER = 0.1
/** A first background ping comes within this time, at a random moment, so that a restarted fleet does not ping in step. */
export const LONGEST_FIRST_PING_DELAY_MS = 1_000
/** An interval of 0 means a ping at every trigger; the background pings of such a service keep this distance. */
export const LEAST_BACKGROUND_INTERVAL_MS = 1_000
export const DEFAULT_OPEN_MS = 30_000
export const LONGEST_OPEN_MS = 300_000
/** Failures in a row after which calls open their circuit. */
export const DEFAULT_CONSECUTIVE_FAILURES = 5
/** With fewer calls in its window, a failure rate decides nothing. */
export const DEFAULT_MINIMUM_CALLS = 10
export const DEFAULT_TRIALS = 1
/** So many circuits a breaker by key keeps. */
export const DEFAULT_MAX_KEYS = 1_000
export const DEFAULT_TRIAL_TIMEOUT_MS = 30_000
/** How long `close()` waits for pings and hooks that were told to stop. */
export const CLOSE_GRACE_MS = 1_000
/** How long the ancestor's mark lasts: a function that failed is not called for five minutes. */
export const FAILFAST_OPEN_MS = 300_000
/** A shared circuit is read anew so often, whatever a store may push. */
export const STORE_POLL_MS = 1_000
/** A state store that takes longer has failed. */
export const STORE_TIMEOUT_MS = 1_000
