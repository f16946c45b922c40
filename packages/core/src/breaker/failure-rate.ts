import type { Clock } from '../clock/clock.ts'
import { DEFAULT_MINIMUM_CALLS } from '../defaults.ts'
import { ContradictoryOptionsError, InvalidOptionError } from '../errors.ts'
import { count, durationMs, fraction, knownKeys, optional, record } from '../options/validate.ts'
import { CallWindow } from './call-window.ts'
import { TimeWindow } from './time-window.ts'
import type { RateLimits } from './rate-tally.ts'
import type { Tally, TripRule } from './trip-rule.ts'

export interface FailureRateOptions {
  /** Share of failed calls, above 0 and up to 1, from which on the circuit opens. */
  threshold: number
  /** The last so many calls are looked at. Either this or `windowMs`. */
  windowCalls?: number
  /** The calls of the last so many milliseconds are looked at, to within a tenth of it. */
  windowMs?: number
  /** With fewer calls in the window nothing is decided. Default: 10, or `windowCalls` if that is less. */
  minimumCalls?: number
  /** A call that takes at least so many milliseconds counts as failed. Default: calls are not timed. */
  slowCallMs?: number
}

/**
 * Opens when the share of failed calls in a window reaches a threshold.
 *
 * @throws InvalidOptionError
 * @throws ContradictoryOptionsError if the rule could never open, or always
 */
export function failureRate(options: FailureRateOptions): TripRule {
  return new FailureRate(readOptions(options))
}

class FailureRate implements TripRule, RateLimits {
  readonly threshold: number
  readonly minimumCalls: number
  declare readonly isSlow?: (durationMs: number) => boolean
  readonly #windowCalls: number | undefined
  readonly #windowMs: number | undefined
  readonly #slowCallMs: number | undefined

  constructor({ threshold, minimumCalls, windowCalls, windowMs, slowCallMs }: Given) {
    this.threshold = threshold
    this.minimumCalls = minimumCalls
    this.#windowCalls = windowCalls
    this.#windowMs = windowMs
    this.#slowCallMs = slowCallMs
    if (slowCallMs !== undefined) this.isSlow = (durationMs) => durationMs >= slowCallMs
  }

  get description(): string {
    const { threshold, minimumCalls } = this
    const window = { windowCalls: this.#windowCalls, windowMs: this.#windowMs }
    return `failureRate(${JSON.stringify({ threshold, ...window, minimumCalls, slowCallMs: this.#slowCallMs })})`
  }

  start(clock: Clock): Tally {
    if (this.#windowCalls !== undefined) return new CallWindow(this, this.#windowCalls)
    return new TimeWindow(this, this.#windowMs ?? 0, clock)
  }
}

interface Given {
  readonly threshold: number
  readonly windowCalls: number | undefined
  readonly windowMs: number | undefined
  readonly minimumCalls: number
  readonly slowCallMs: number | undefined
}

const KEYS = ['threshold', 'windowCalls', 'windowMs', 'minimumCalls', 'slowCallMs']
/** A window has a bit for each call. */
const MOST_CALLS = 1_000_000

const aWindow = optional((option, value) => count(option, value, { min: 1, max: MOST_CALLS }))
const aDuration = optional((option, value) => durationMs(option, value))

function readOptions(options: FailureRateOptions): Given {
  knownKeys('failureRate', record('options of failureRate', options), KEYS)
  const windowCalls = aWindow('windowCalls', options.windowCalls)
  const windowMs = aDuration('windowMs', options.windowMs)
  if ((windowCalls === undefined) === (windowMs === undefined))
    throw new ContradictoryOptionsError('failureRate needs either windowCalls or windowMs, and not both')
  return {
    threshold: checkThreshold(options.threshold),
    windowCalls,
    windowMs,
    minimumCalls: checkMinimum(options.minimumCalls, windowCalls ?? Infinity),
    slowCallMs: aDuration('slowCallMs', options.slowCallMs),
  }
}

function checkMinimum(value: unknown, windowCalls: number): number {
  const minimumCalls = count('minimumCalls', value ?? Math.min(DEFAULT_MINIMUM_CALLS, windowCalls))
  if (minimumCalls <= windowCalls) return minimumCalls
  throw new ContradictoryOptionsError(
    `this failureRate can never open: minimumCalls (${minimumCalls}) must be at most windowCalls (${windowCalls})`,
  )
}

function checkThreshold(value: unknown): number {
  const threshold = fraction('threshold', value)
  if (threshold > 0) return threshold
  throw new InvalidOptionError('threshold', 'above 0, or every success would open the circuit', value)
}
