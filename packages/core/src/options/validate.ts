import { InvalidOptionError } from '../errors.ts'

/** Names end up in logs, keys and channels: short, printable, no control characters or bidirectional marks. */
const LONGEST_NAME = 200
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Of a URL: a name is shown everywhere. */
const CREDENTIALS = /\/\/[^\s/]*@/

interface Range {
  min: number
  max?: number
}

function inRange(value: number, { min, max = Number.MAX_SAFE_INTEGER }: Range): boolean {
  return value >= min && value <= max
}

function rangeText({ min, max }: Range): string {
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
}

/** A whole number of milliseconds. */
export function durationMs(option: string, value: unknown, range: Range = { min: 1 }): number {
  if (Number.isSafeInteger(value) && inRange(value as number, range)) return value as number
  throw new InvalidOptionError(option, `a whole number of milliseconds ${rangeText(range)}`, value)
}

/** A whole number of things. */
export function count(option: string, value: unknown, range: Range = { min: 1 }): number {
  if (Number.isSafeInteger(value) && inRange(value as number, range)) return value as number
  throw new InvalidOptionError(option, `a whole number ${rangeText(range)}`, value)
}

/** A share from 0 to 1; a percentage is refused with a hint. */
export function fraction(option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  const isPercentage = typeof value === 'number' && value > 1 && value <= 100
  const hint = isPercentage ? ` (did you mean ${value / 100}?)` : ''
  throw new InvalidOptionError(option, `a fraction from 0 to 1${hint}`, value)
}

export function flag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new InvalidOptionError(option, 'true or false', value)
}

export function name(option: string, value: unknown): string {
  const isName = typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
  if (isName && !UNPRINTABLE.test(value) && !CREDENTIALS.test(value)) return value
  throw new InvalidOptionError(
    option,
    `a printable string of 1 to ${LONGEST_NAME} characters without credentials`,
    value,
  )
}

export function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new InvalidOptionError(option, 'a string that is not empty', value)
}

export function port(option: string, value: unknown): number {
  if (Number.isInteger(value) && inRange(value as number, { min: 1, max: 65_535 })) return value as number
  throw new InvalidOptionError(option, 'a port from 1 to 65535', value)
}

export function oneOf<const T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  throw new InvalidOptionError(option, choices.map((choice) => `"${choice}"`).join(' or '), value)
}

/** Checked by shape, so that a function or class of another realm passes. */
export function callable(option: string, value: unknown): (...args: never[]) => unknown {
  if (typeof value === 'function') return value as (...args: never[]) => unknown
  throw new InvalidOptionError(option, 'a function', value)
}

export function record(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new InvalidOptionError(option, 'an object', value)
}

export function list(option: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new InvalidOptionError(option, 'an array', value)
}

/** A misspelt option would be ignored in silence; it is refused instead. */
export function knownKeys(owner: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new InvalidOptionError(`${owner}.${key}`, `one of ${known.join(', ')}`, 'unknown')
  }
}

/** `undefined` stays `undefined`; anything else is checked. */
export function optional<T>(check: (option: string, value: unknown) => T) {
  return (option: string, value: unknown): T | undefined =>
    value === undefined ? undefined : check(option, value)
}
