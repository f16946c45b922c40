import { afterEach, describe, expect, test, vi } from 'vitest'
import { CircuitOpenError, InvalidOptionError, type HoldKind } from '../../src/index.ts'
import { expectRefusal, fail, make, rejectionOf, setUp, succeed, thrownBy } from './support.ts'

describe('what is called later', () => {
  test.each([0, -1, 1.5, NaN, Infinity, '5', null])('run refuses timeoutMs: %s', async (value) => {
    const error = await rejectionOf(make({}).run(() => 1, { timeoutMs: value as number }))
    expectRefusal(error, 'timeoutMs', /a whole number of milliseconds of at least 1/, value)
  })

  test.each([null, 'now', 5, {}, new AbortController()])('run refuses signal: %s', async (value) => {
    const error = await rejectionOf(make({}).run(() => 1, { signal: value as AbortSignal }))
    expectRefusal(error, 'signal', /an AbortSignal/, value)
  })

  test.each([5, 'text', []])('run refuses options: %s', async (value) => {
    expect(await rejectionOf(make({}).run(() => 1, value as object))).toBeInstanceOf(InvalidOptionError)
  })

  test('run refuses misspelt options', async () => {
    const error = await rejectionOf(make({}).run(() => 1, { timeout: 5 } as object))
    expect(error).toMatchObject({ option: 'run.timeout' })
  })

  test.each([undefined, null, 5, {}])('call, wrap, wrapCallback and run refuse %s', async (value) => {
    const breaker = make({})
    const fn = value as () => void
    expectRefusal(
      thrownBy(() => breaker.call(fn)),
      'fn',
      /a function/,
      value,
    )
    expectRefusal(
      thrownBy(() => breaker.wrap(fn)),
      'fn',
      /a function/,
      value,
    )
    expectRefusal(
      thrownBy(() => breaker.wrapCallback(fn)),
      'fn',
      /a function/,
      value,
    )
    expectRefusal(await rejectionOf(breaker.run(fn)), 'work', /a function/, value)
  })

  test('call refuses what is no function, also after calls of functions', () => {
    const breaker = make({})
    breaker.call(() => 1)
    const errors = Array.from({ length: 10 }, () => thrownBy(() => breaker.call(5 as unknown as () => void)))
    expect(breaker.state).toBe('closed')
    for (const error of errors) expectRefusal(error, 'fn', /a function/, 5)
  })

  test.each(['shut', '', undefined, 5])('hold refuses %s', (kind) => {
    expectRefusal(
      thrownBy(() => make({}).hold(kind as HoldKind)),
      'hold',
      /"open" or "closed" or "observe"/,
      kind,
    )
  })

  test.each<[string, unknown]>([
    ['expiresInMs', 0],
    ['expiresInMs', Infinity],
    ['reason', ''],
    ['reason', 5],
    ['author', {}],
  ])('hold refuses %s: %s', (option, value) => {
    const error = thrownBy(() => make({}).hold('open', { [option]: value }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option })
  })

  test('what is refused changes nothing', () => {
    const breaker = make({})
    thrownBy(() => breaker.hold('open', { expiresInMs: -1 }))
    expect(breaker.state).toBe('closed')
    expect(thrownBy(() => breaker.call(() => 1))).not.toBeInstanceOf(CircuitOpenError)
  })
})

describe('the time of a call', () => {
  test('an answer that arrived while our own event loop stood still is in time', async () => {
    const { breaker, clock } = setUp({ timeoutMs: 100 })
    let answer: (text: string) => void = () => undefined
    const call = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)))
    await clock.advance(50)
    const stalled = clock.stall(5_000)
    answer('the answer')
    await stalled
    await expect(call).resolves.toBe('the answer')
    expect([breaker.state, breaker.counts.timedOut]).toEqual(['closed', 0])
  })

  test('of one call goes before that of the breaker', async () => {
    const { breaker, clock } = setUp({ timeoutMs: 100 })
    const hangs = (): Promise<never> => new Promise(() => undefined)
    const call = breaker.run(hangs, { timeoutMs: 300 }).catch((error: unknown) => error)
    await clock.advance(299)
    expect(breaker.counts.timedOut).toBe(0)
    await clock.advance(1)
    expect(await call).toMatchObject({ code: 'ERR_CALL_TIMEOUT', service: 'search', timeoutMs: 300 })
  })

  test.each([{}, { timeoutMs: 100 }])(
    'the signal is one, however often it is looked at: %o',
    async (options) => {
      const { breaker } = setUp(options)
      expect(await breaker.run((context) => context.signal === context.signal)).toBe(true)
    },
  )
})

describe('a breaker that is disabled', () => {
  afterEach(() => void vi.unstubAllEnvs())

  test.each([
    ['by its option', '0', { enabled: false }, true],
    ['by the environment', '1', {}, true],
    ['by neither', '0', {}, false],
    ['by the environment, but enabled by its option', '1', { enabled: true }, false],
  ])('%s', (_name, environment, options, passes) => {
    vi.stubEnv('FAILOVER_DISABLED', environment)
    const { breaker } = setUp(options)
    breaker.hold('open')
    fail(breaker)
    expect(succeed(breaker)).toBe(passes)
  })

  test('still refuses options that are wrong, so that nobody finds out on the day it is enabled', () => {
    expect(thrownBy(() => make({ enabled: false, openMs: -1 }))).toBeInstanceOf(InvalidOptionError)
  })
})
