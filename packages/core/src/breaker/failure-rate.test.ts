import { describe, expect, test } from 'vitest'
import { ContradictoryOptionsError, InvalidOptionError } from '../errors.ts'
import { FakeClock } from '../testing/index.ts'
import { failureRate, type FailureRateOptions } from './failure-rate.ts'
import type { Tally, TripRule } from './trip-rule.ts'

const clock = new FakeClock()

function outcomesUntilOpen(tally: Tally, outcome: 'succeeded' | 'failed'): number {
  for (let calls = 1; calls <= 1_000; calls += 1) if (tally[outcome]()) return calls
  return Infinity
}

function calls(tally: Tally, outcome: 'succeeded' | 'failed', times: number): boolean {
  let isOpen = false
  for (let call = 0; call < times; call += 1) isOpen = tally[outcome]() || isOpen
  return isOpen
}

const windows: [string, Omit<FailureRateOptions, 'threshold'>][] = [
  ['a window of calls', { windowCalls: 100 }],
  ['a window of time', { windowMs: 10_000 }],
]

describe.each(windows)('%s', (_name, window) => {
  test('nothing is decided before the minimum of 10 calls, which is a default', () => {
    expect(outcomesUntilOpen(failureRate({ ...window, threshold: 0.5 }).start(clock), 'failed')).toBe(10)
  })

  test('the minimum is reached with so many calls, not with one more', () => {
    const rule = failureRate({ ...window, threshold: 0.5, minimumCalls: 3 })
    expect(outcomesUntilOpen(rule.start(clock), 'failed')).toBe(3)
  })

  test('a success that makes the minimum full opens, if the share has been reached', () => {
    const tally = failureRate({ ...window, threshold: 0.5, minimumCalls: 4 }).start(clock)
    expect([tally.failed(), tally.failed(), tally.succeeded(), tally.succeeded()]).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  test('the share is reached exactly: 7 of 100 is 0.07', () => {
    const tally = failureRate({ ...window, threshold: 0.07, minimumCalls: 100 }).start(clock)
    expect(calls(tally, 'succeeded', 93)).toBe(false)
    expect(calls(tally, 'failed', 6)).toBe(false)
    expect(tally.failed()).toBe(true)
  })

  test('one failure less is not enough', () => {
    const tally = failureRate({ ...window, threshold: 0.07, minimumCalls: 100 }).start(clock)
    expect(calls(tally, 'failed', 6)).toBe(false)
    expect(calls(tally, 'succeeded', 94)).toBe(false)
  })

  test.each(Array.from({ length: 99 }, (_, index) => index + 1))(
    'a share of %s hundredths is reached exactly',
    (hundredths) => {
      const tally = failureRate({ ...window, threshold: hundredths / 100, minimumCalls: 100 }).start(clock)
      expect(calls(tally, 'succeeded', 100 - hundredths)).toBe(false)
      expect(calls(tally, 'failed', hundredths - 1)).toBe(false)
      expect(tally.failed()).toBe(true)
    },
  )

  test('no success ever opens by itself', () => {
    const rule = failureRate({ ...window, threshold: Number.MIN_VALUE, minimumCalls: 1 })
    expect(outcomesUntilOpen(rule.start(clock), 'succeeded')).toBe(Infinity)
  })

  test('with a share of 1 every call in the window must have failed', () => {
    const tally = failureRate({ ...window, threshold: 1, minimumCalls: 2 }).start(clock)
    expect([tally.succeeded(), tally.failed(), tally.failed()]).toEqual([false, false, false])
  })
})

test('the minimum is at most the window: a small one opens when it is full', () => {
  expect(outcomesUntilOpen(failureRate({ threshold: 1, windowCalls: 4 }).start(clock), 'failed')).toBe(4)
})

describe('a window that is larger than any memory', () => {
  test.each([2 ** 40, Number.MAX_SAFE_INTEGER])(
    'of %s calls is refused, or opens like any other',
    (windowCalls) => {
      let rule: TripRule
      try {
        rule = failureRate({ threshold: 0.5, windowCalls })
      } catch (error) {
        return expect(error).toBeInstanceOf(InvalidOptionError)
      }
      expect(outcomesUntilOpen(rule.start(clock), 'failed')).toBe(10)
    },
  )
})

describe('slow calls', () => {
  const slow: TripRule = failureRate({ threshold: 0.5, windowCalls: 10, slowCallMs: 200 })

  test('one that takes exactly so long is slow', () => {
    expect([199, 199.999, 200, 200.1].map((took) => slow.isSlow?.(took))).toEqual([false, false, true, true])
  })

  test('without slowCallMs no call is timed', () => {
    expect(failureRate({ threshold: 0.5, windowCalls: 10 }).isSlow).toBeUndefined()
  })
})

describe('descriptions', () => {
  const base: FailureRateOptions = { threshold: 0.5, windowCalls: 20 }

  test('two rules that say the same are told alike, whatever was left to the default', () => {
    expect(failureRate(base).description).toBe(failureRate({ ...base, minimumCalls: 10 }).description)
    expect(failureRate(base).description).toBe(failureRate({ windowCalls: 20, threshold: 0.5 }).description)
  })

  test.each<FailureRateOptions>([
    { threshold: 0.6, windowCalls: 20 },
    { threshold: 0.5, windowCalls: 21 },
    { threshold: 0.5, windowMs: 20 },
    { ...base, minimumCalls: 11 },
    { ...base, slowCallMs: 100 },
  ])('%o is told apart', (other) => {
    expect(failureRate(other).description).not.toBe(failureRate(base).description)
  })
})

describe('refused', () => {
  const base = { threshold: 0.5, windowCalls: 20 }

  test('a percentage, with a hint', () => {
    expect(() => failureRate({ ...base, threshold: 50 })).toThrow(InvalidOptionError)
    expect(() => failureRate({ ...base, threshold: 50 })).toThrow(/threshold .*0\.5.*got 50/)
  })

  test('a threshold of 0, at which the first success would open', () => {
    expect(() => failureRate({ ...base, threshold: 0 })).toThrow(InvalidOptionError)
    expect(() => failureRate({ ...base, threshold: -0 })).toThrow(/threshold must be above 0/)
  })

  test.each([
    ['neither window', { threshold: 0.5 }],
    ['both windows', { threshold: 0.5, windowMs: 1_000, windowCalls: 10 }],
    ['a minimum that the window never holds', { ...base, minimumCalls: 21 }],
  ])('%s', (_name, options) => {
    expect(() => failureRate(options)).toThrow(ContradictoryOptionsError)
  })

  test.each<[string, unknown]>([
    ['threshold', undefined],
    ['threshold', NaN],
    ['threshold', -0.1],
    ['threshold', 101],
    ['threshold', '0.5'],
    ['windowCalls', 0],
    ['windowCalls', 1.5],
    ['windowCalls', Infinity],
    ['minimumCalls', 0],
    ['minimumCalls', 2.5],
    ['minimumCalls', '10'],
    ['minimumCalls', Infinity],
    ['slowCallMs', 0],
    ['slowCallMs', -1],
    ['slowCallMs', NaN],
    ['slowCallMs', '1s'],
  ])('%s: %s', (option, value) => {
    const options = { ...base, [option]: value }
    expect(() => failureRate(options)).toThrow(InvalidOptionError)
    expect(() => failureRate(options)).toThrow(new RegExp(`^${option} must be .*; got`))
  })

  test.each([0, -1, 0.5, NaN, Infinity, '1000'])('windowMs: %s', (windowMs) => {
    const options = { threshold: 0.5, windowMs: windowMs as number }
    expect(() => failureRate(options)).toThrow(/^windowMs must be a whole number of milliseconds/)
  })

  test.each([undefined, null, 0.5, 'half', []])('options that are %s', (options) => {
    expect(() => failureRate(options as unknown as FailureRateOptions)).toThrow(InvalidOptionError)
  })

  test('a misspelt option', () => {
    const options = { ...base, minimumCall: 5 } as FailureRateOptions
    expect(() => failureRate(options)).toThrow(/minimumCall must be one of .*minimumCalls/)
  })
})
