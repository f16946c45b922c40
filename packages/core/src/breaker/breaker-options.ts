import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import * as defaults from '../defaults.ts'
import { ContradictoryOptionsError, InvalidOptionError } from '../errors.ts'
import type { Rules } from '../machine/rules.ts'
import type { CircuitSnapshot } from '../machine/snapshot.ts'
import { checkClock } from '../options/clock-option.ts'
import { callable, count, durationMs, flag, knownKeys, name, record } from '../options/validate.ts'
import { consecutiveFailures } from './consecutive-failures.ts'
import type { Fallback, GateConfig } from './gate-config.ts'
import { checkSnapshot } from './restore.ts'
import type { TripRule } from './trip-rule.ts'

/** What one breaker of a service may be told. */
export interface BreakerOptions {
  /** When calls open the circuit. Default: `consecutiveFailures(5)`. */
  tripRule?: TripRule | undefined
  /** How long it stays open at first. Doubles each time it opens again soon. Default: 30 000. */
  openMs?: number | undefined
  /** The longest that it stays open; given alone it binds the default `openMs` too. Default: 300 000, or `openMs` if that is more. */
  longestOpenMs?: number | undefined
  /** Calls that are let through at once in half-open. Default: 1. */
  trials?: number | undefined
  /** Trials in a row that must succeed until it closes. Default: 1. */
  successesToClose?: number | undefined
  /** A trial that takes longer has failed. Default: `timeoutMs`, else 30 000. */
  trialTimeoutMs?: number | undefined
  /** A call that takes longer is given up, and has failed. Default: none. */
  timeoutMs?: number | undefined
  /** Whether an error counts as a failure; if not it says nothing. Default: all but `AbortError`. */
  isFailure?: ((error: unknown) => boolean) | undefined
  /** Whether a result counts as a failure, though it is returned like any other. Default: none does. */
  isFailureResult?: ((result: unknown) => boolean) | undefined
  /** For how long the upstream asked to be left alone, if it did: that becomes the open time. */
  retryAfterMs?: ((errorOrResult: unknown) => number | undefined) | undefined
  /** Answers in place of a call that was refused, or failed. Called once at the most; its own error surfaces. */
  fallback?: Fallback | undefined
  /** Whether it does anything at all. Default: true, unless `FAILOVER_DISABLED=1`. */
  enabled?: boolean | undefined
}

export interface CircuitBreakerOptions extends BreakerOptions {
  /** What it is called in errors and events. */
  name: string
  /** What `snapshot()` returned, in this process or an earlier one: it goes on from there. */
  snapshot?: CircuitSnapshot | undefined
  clock?: Clock | undefined
}

const aCount = (option: string, value: unknown): number => count(option, value)
const aDuration = (option: string, value: unknown): number => durationMs(option, value)

/** Every option and its check. */
const CHECKS: Readonly<Record<keyof CircuitBreakerOptions, (option: string, value: unknown) => unknown>> = {
  name,
  snapshot: checkSnapshot,
  clock: checkClock,
  tripRule: checkTripRule,
  openMs: aDuration,
  longestOpenMs: aDuration,
  trials: aCount,
  successesToClose: aCount,
  trialTimeoutMs: aDuration,
  timeoutMs: aDuration,
  isFailure: callable,
  isFailureResult: callable,
  retryAfterMs: callable,
  fallback: callable,
  enabled: flag,
}

const KEYS = Object.keys(CHECKS) as (keyof CircuitBreakerOptions)[]

/**
 * @param without options that this owner does not take
 * @param also options that it takes besides, and checks itself
 * @throws InvalidOptionError, ContradictoryOptionsError
 */
export function checkBreakerOptions(
  owner: string,
  options: object,
  without: readonly string[] = [],
  also: readonly string[] = [],
): void {
  const given = record(`options of ${owner}`, options)
  knownKeys(owner, given, [...KEYS.filter((key) => !without.includes(key)), ...also])
  for (const key of KEYS) if (given[key] !== undefined) CHECKS[key](key, given[key])
  const { openMs = 0, longestOpenMs = Infinity } = options as BreakerOptions
  if (openMs > longestOpenMs)
    throw new ContradictoryOptionsError(`openMs (${openMs}) must be at most longestOpenMs (${longestOpenMs})`)
}

function checkTripRule(option: string, value: unknown): TripRule {
  if (Array.isArray(value))
    throw new InvalidOptionError(option, 'one rule; write a rule of your own that asks both', value)
  const { description, start, isSlow = start } = record(option, value)
  const isRule =
    typeof description === 'string' && typeof start === 'function' && typeof isSlow === 'function'
  if (isRule) return value as TripRule
  throw new InvalidOptionError(
    option,
    'consecutiveFailures(n), failureRate({ ... }) or your own { description, start }',
    value,
  )
}

/** Errors of callers who gave up say nothing about the service. */
function isFailureByDefault(error: unknown): boolean {
  return typeof error !== 'object' || error === null || !('name' in error) || error.name !== 'AbortError'
}

const DEFAULT_RULE = consecutiveFailures(defaults.DEFAULT_CONSECUTIVE_FAILURES)

export function toGateConfig(
  options: BreakerOptions,
  describe: (error: unknown) => ErrorSummary,
  isFailure = isFailureByDefault,
): GateConfig {
  const { tripRule = DEFAULT_RULE, timeoutMs, fallback } = options
  const isTimed = tripRule.isSlow !== undefined
  return Object.freeze({
    tripRule,
    isTimed,
    isLean: timeoutMs === undefined && fallback === undefined && !isTimed,
    timeoutMs,
    isFailure: options.isFailure ?? isFailure,
    isFailureResult: options.isFailureResult,
    retryAfterMs: options.retryAfterMs,
    fallback,
    describe,
  })
}

const SHAPING = [
  'openMs',
  'longestOpenMs',
  'trials',
  'successesToClose',
  'trialTimeoutMs',
  'timeoutMs',
] as const

/** What the options say about the circuit, over what holds without them. */
export function withBreakerRules(rules: Rules, options: BreakerOptions): Rules {
  if (!SHAPING.some((key) => options[key] !== undefined)) return rules
  const { openMs = rules.openMs, timeoutMs, trialTimeoutMs = timeoutMs, longestOpenMs } = options
  return Object.freeze({
    ...rules,
    openMs,
    longestOpenMs: longestOpenMs ?? Math.max(rules.longestOpenMs, openMs),
    trials: options.trials ?? rules.trials,
    successesToClose: options.successesToClose ?? rules.successesToClose,
    trialTimeoutMs: trialTimeoutMs ?? rules.trialTimeoutMs,
  })
}

/** A circuit with nothing to ping and nothing to fail over. */
export const LONE_RULES: Rules = Object.freeze({
  ...defaults.DEFAULT_PING_INTERVALS,
  failuresToOpen: defaults.DEFAULT_FAILURES_TO_OPEN,
  successesToClose: defaults.DEFAULT_SUCCESSES_TO_CLOSE,
  openMs: defaults.DEFAULT_OPEN_MS,
  longestOpenMs: defaults.LONGEST_OPEN_MS,
  bindsFirstOpening: false,
  trials: defaults.DEFAULT_TRIALS,
  trialTimeoutMs: defaults.DEFAULT_TRIAL_TIMEOUT_MS,
  hookTimeoutMs: defaults.DEFAULT_HOOK_TIMEOUT_MS,
  outageLogIntervalMs: defaults.DEFAULT_OUTAGE_LOG_INTERVAL_MS,
  hasPing: false,
  hasFailover: false,
})

export function clockOf({ clock = systemClock }: CircuitBreakerOptions): Clock {
  return clock
}

export function isEnabled({ enabled = process.env['FAILOVER_DISABLED'] !== '1' }: BreakerOptions): boolean {
  return enabled
}
