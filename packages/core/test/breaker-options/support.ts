import { expect } from 'vitest'
import {
  CircuitBreaker,
  consecutiveFailures,
  InvalidOptionError,
  type CircuitBreakerOptions,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

export interface Setup {
  readonly clock: FakeClock
  readonly breaker: CircuitBreaker
}

type Options = Partial<Omit<CircuitBreakerOptions, 'clock'>>

/** A breaker that the first failure opens, unless the options say otherwise. */
export function setUp(options: Options = {}, clock = new FakeClock()): Setup {
  const breaker = new CircuitBreaker({ name: 'search', tripRule: consecutiveFailures(1), ...options, clock })
  return { clock, breaker }
}

/** A call that fails, or is refused. */
export function fail(breaker: CircuitBreaker, error: unknown = new Error('no answer')): void {
  try {
    breaker.call(() => {
      throw error
    })
  } catch {
    // What it throws is another test's business.
  }
}

/** @returns whether the call was made */
export function succeed(breaker: CircuitBreaker): boolean {
  try {
    return breaker.call(() => true)
  } catch {
    return false
  }
}

/** How long the open circuit stays so; at most a day is waited. */
export async function openTime({ clock, breaker }: Setup): Promise<number> {
  let waited = 0
  for (; breaker.state === 'open' && waited < 86_400_000; waited += 1_000) await clock.stall(1_000)
  return waited
}

export function make(options: object): CircuitBreaker {
  return new CircuitBreaker({ name: 'search', ...options })
}

export function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** What the message says was got. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** Names the option, what would do, and what was got. */
export function expectRefusal(error: unknown, option: string, expected: RegExp, value: unknown): void {
  expect(error).toBeInstanceOf(InvalidOptionError)
  const { message, option: named, code } = error as InvalidOptionError
  expect([named, code]).toEqual([option, 'ERR_INVALID_OPTION'])
  expect(message.startsWith(`${option} must be `)).toBe(true)
  expect(message).toMatch(expected)
  expect(message.endsWith(`got ${shown(value)}`)).toBe(true)
}
