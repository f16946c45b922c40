import { describe, expect, test } from 'vitest'
import {
  CircuitBreaker,
  consecutiveFailures,
  ContradictoryOptionsError,
  failureRate,
  InvalidOptionError,
  type CircuitBreakerOptions,
} from '../../src/index.ts'
import { expectRefusal, fail, make, setUp, thrownBy } from './support.ts'

const WRONG_KINDS = ['text', true, null, {}, [], 10n, () => 1] as const
const WRONG_NUMBERS = [0, -0, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, Number.MIN_VALUE] as const
const NOT_CALLABLE = ['text', 1, true, null, {}, []] as const

const DURATIONS = ['openMs', 'longestOpenMs', 'trialTimeoutMs', 'timeoutMs'] as const
const COUNTS = ['trials', 'successesToClose'] as const
const FUNCTIONS = ['isFailure', 'isFailureResult', 'retryAfterMs', 'fallback'] as const

describe.each(DURATIONS)('%s', (option) => {
  test.each([...WRONG_NUMBERS, ...WRONG_KINDS].filter((value) => typeof value !== 'bigint'))(
    'is refused: %s',
    (value) => {
      const error = thrownBy(() => make({ [option]: value }))
      expectRefusal(error, option, /a whole number of milliseconds of at least 1/, value)
    },
  )

  test.each([1, 30_000, Number.MAX_SAFE_INTEGER])('is taken: %s', (value) => {
    expect(make({ longestOpenMs: Number.MAX_SAFE_INTEGER, [option]: value }).state).toBe('closed')
  })
})

describe.each(COUNTS)('%s', (option) => {
  test.each([...WRONG_NUMBERS, 'text', true, null, {}, []])('is refused: %s', (value) => {
    expectRefusal(
      thrownBy(() => make({ [option]: value })),
      option,
      /a whole number of at least 1/,
      value,
    )
  })
})

describe.each(FUNCTIONS)('%s', (option) => {
  test.each(NOT_CALLABLE)('is refused: %s', (value) => {
    expectRefusal(
      thrownBy(() => make({ [option]: value })),
      option,
      /a function/,
      value,
    )
  })
})

describe('enabled', () => {
  test.each(['true', 1, 0, null, {}])('is refused: %s', (value) => {
    expectRefusal(
      thrownBy(() => make({ enabled: value })),
      'enabled',
      /true or false/,
      value,
    )
  })
})

describe('the clock', () => {
  test.each([null, 'now', 5, () => 1, []])('is refused: %s', (value) => {
    expect(thrownBy(() => make({ clock: value }))).toBeInstanceOf(InvalidOptionError)
  })

  test.each(['now', 'coarseNow', 'wallNow', 'random', 'startTimer', 'turns'])('without %s', (method) => {
    const { clock } = setUp()
    const broken = Object.create(clock, { [method]: { value: undefined } }) as object
    expect(thrownBy(() => make({ clock: broken }))).toMatchObject({ option: `clock.${method}` })
  })
})

describe('the trip rule', () => {
  test.each([5, 'consecutiveFailures(5)', null, true])('is refused: %s', (value) => {
    expect(thrownBy(() => make({ tripRule: value }))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      option: 'tripRule',
    })
  })

  test.each([
    {},
    { description: 'mine' },
    { start: () => ({}) },
    { description: 1, start: () => ({}) },
    { description: 'mine', start: 'now' },
    { description: 'mine', start: () => ({}), isSlow: 200 },
  ])('is refused when it is no rule: %o', (value) => {
    expectRefusal(
      thrownBy(() => make({ tripRule: value })),
      'tripRule',
      /consecutiveFailures\(n\)/,
      value,
    )
  })

  test('two rules in an array are refused, with a way out', () => {
    const rules = [consecutiveFailures(5), failureRate({ threshold: 0.5, windowCalls: 20 })]
    expectRefusal(
      thrownBy(() => make({ tripRule: rules })),
      'tripRule',
      /one rule; write a rule of your own that asks both/,
      rules,
    )
  })

  test('the function that makes rules is no rule', () => {
    expect(thrownBy(() => make({ tripRule: consecutiveFailures }))).toBeInstanceOf(InvalidOptionError)
  })
})

describe('the name', () => {
  test.each([
    undefined,
    null,
    '',
    5,
    {},
    'two\nlines',
    'x'.repeat(201),
    '\u202Eback',
    '\u0000',
    'https://app:hunter2@db',
  ])('is refused: %j', (value) => {
    const error = thrownBy(() => make({ name: value }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'name' })
    expect((error as Error).message).toMatch(
      /^name must be a printable string of 1 to 200 characters without credentials; got /,
    )
  })

  test('must be given', () => {
    expect(thrownBy(() => new CircuitBreaker({} as CircuitBreakerOptions))).toMatchObject({ option: 'name' })
  })

  test.each(['search', 'Überlauf', '検索', 'x'.repeat(200), 'a b'])('is taken: %s', (value) => {
    expect(make({ name: value }).name).toBe(value)
  })
})

describe('the options as a whole', () => {
  test.each([undefined, null, 'search', 5, [], () => 1])('are refused: %s', (value) => {
    const error = thrownBy(() => new CircuitBreaker(value as unknown as CircuitBreakerOptions))
    expectRefusal(error, 'options of CircuitBreaker', /an object/, value)
  })

  test.each(['openms', 'opneMs', 'timeout', 'resetTimeout', 'tripRules', 'Name', 'onOpen'])(
    'misspelt or unknown: %s',
    (option) => {
      const error = thrownBy(() => make({ [option]: 5 }))
      expect(error).toBeInstanceOf(InvalidOptionError)
      expect((error as Error).message).toContain(`CircuitBreaker.${option} must be one of `)
      for (const known of ['openMs', 'timeoutMs', 'tripRule'])
        expect((error as Error).message).toContain(known)
    },
  )

  test('an option that is undefined is as good as none', () => {
    const options = [...DURATIONS, ...COUNTS, ...FUNCTIONS, 'tripRule', 'snapshot', 'clock', 'enabled']
    expect(make(Object.fromEntries(options.map((option) => [option, undefined]))).state).toBe('closed')
  })

  test('are not changed, and may be frozen', () => {
    const options = Object.freeze({ name: 'search', openMs: 10, trials: 2 })
    expect(make(options).call(() => 5)).toBe(5)
    expect(options).toEqual({ name: 'search', openMs: 10, trials: 2 })
  })
})

describe('options that cannot work together', () => {
  test('an open time that is longer than the longest', () => {
    const error = thrownBy(() => make({ openMs: 2_000, longestOpenMs: 1_000 }))
    expect(error).toBeInstanceOf(ContradictoryOptionsError)
    expect((error as Error).message).toMatch(/openMs \(2000\).*longestOpenMs \(1000\)/)
  })

  test('an open time that is the longest is fine, and so is one beyond the default longest', () => {
    expect(make({ openMs: 1_000, longestOpenMs: 1_000 }).state).toBe('closed')
    expect(make({ openMs: 3_600_000 }).state).toBe('closed')
  })

  test('a longest open time below the default open time binds', () => {
    const { breaker } = setUp({ longestOpenMs: 10_000 })
    fail(breaker)
    expect(thrownBy(() => breaker.call(() => 1))).toMatchObject({ retryAfterMs: 10_000 })
  })
})

describe('no message tells a secret', () => {
  const SECRET = 'postgres://app:hunter2@db.internal/shop'
  const ALL = [...DURATIONS, ...COUNTS, ...FUNCTIONS, 'tripRule', 'enabled', 'clock', 'snapshot']

  test.each(ALL)('%s', (option) => {
    expect(String(thrownBy(() => make({ [option]: SECRET })))).not.toContain('hunter2')
    expect(String(thrownBy(() => make({ [option]: { url: SECRET } })))).not.toContain('hunter2')
    expect(String(thrownBy(() => make({ [option]: [SECRET] })))).not.toContain('hunter2')
  })

  test('name', () => {
    expect(String(thrownBy(() => make({ name: `${SECRET}\n` })))).not.toContain('hunter2')
  })
})
