import { checkBreakerOptions, type BreakerOptions } from '../breaker/breaker-options.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { DEFAULT_MAX_KEYS } from '../defaults.ts'
import { InvalidOptionError } from '../errors.ts'
import { count, list, name, record } from '../options/validate.ts'
import { keyTest, type KeyTest } from './key-pattern.ts'

/** What holds for some keys only. */
export interface KeyOverride extends BreakerOptions {
  /** One key; a pattern in which `*` stands for any characters, also for none; or a RegExp, which is tested. */
  keys: string | RegExp
}

export interface KeyedCircuitBreakerOptions extends BreakerOptions {
  /** What it is called in errors and events: the circuit of a key is `${name}/${key}`. */
  name: string
  /** So many circuits are kept at the most. Default: 1 000. */
  maxKeys?: number | undefined
  /** What holds for some keys, over what holds for all. Where several entries match a key, later ones win. */
  byKey?: readonly KeyOverride[] | undefined
  clock?: Clock | undefined
}

/** One entry of `byKey`. */
export interface KeyRule {
  readonly matches: KeyTest
  readonly options: BreakerOptions
}

/** What was asked for, checked and copied. */
export interface KeyedConfig {
  readonly name: string
  readonly maxKeys: number
  readonly clock: Clock
  /** What holds for all keys. */
  readonly options: BreakerOptions
  readonly keyRules: readonly KeyRule[]
}

/** These belong to the whole, or to a circuit that is alone. */
const NOT_BY_KEY = ['name', 'clock', 'snapshot'] as const

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function readKeyedOptions(given: KeyedCircuitBreakerOptions): KeyedConfig {
  record('options of KeyedCircuitBreaker', given)
  const { maxKeys = DEFAULT_MAX_KEYS, byKey = [], ...rest } = given
  checkBreakerOptions('KeyedCircuitBreaker', rest, ['snapshot'], ['maxKeys', 'byKey'])
  const { name: ownName, clock = systemClock, ...options } = rest
  const defaults = withoutUndefined(options)
  return Object.freeze({
    name: name('name', ownName),
    maxKeys: count('maxKeys', maxKeys),
    clock,
    options: defaults,
    keyRules: list('byKey', byKey).map((entry, at) => readKeyRule(`byKey[${at}]`, entry, defaults)),
  })
}

/** An entry must make sense over what holds for all keys. */
function readKeyRule(option: string, entry: unknown, defaults: BreakerOptions): KeyRule {
  const { keys, ...rest } = record(option, entry)
  const matches = keyTest(`${option}.keys`, keys)
  checkBreakerOptions(option, rest, NOT_BY_KEY, ['keys'])
  const options = withoutUndefined(rest)
  checkBreakerOptions(option, { ...defaults, ...options }, NOT_BY_KEY)
  return Object.freeze({ matches, options })
}

/** What is undefined was not given, and overrides nothing. */
export function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

const LONGEST_KEY = 512

/** @throws InvalidOptionError */
export function checkKey(key: unknown): string {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw new InvalidOptionError('key', `a string of 1 to ${LONGEST_KEY} characters`, key)
}
