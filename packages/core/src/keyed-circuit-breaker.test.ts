import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { consecutiveFailures } from './breaker/consecutive-failures.ts'
import {
  CallTimeoutError,
  CircuitOpenError,
  ContradictoryOptionsError,
  InvalidOptionError,
} from './errors.ts'
import { KeyedCircuitBreaker } from './keyed-circuit-breaker.ts'
import type { KeyedCircuitBreakerOptions } from './keyed/keyed-options.ts'
import { FakeClock } from './testing/fake-clock.ts'

let clock: FakeClock
let warnings: string[]

beforeEach(() => {
  clock = new FakeClock()
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
})

afterEach(() => {
  vi.restoreAllMocks()
})

const down = new Error('down')
const fails = (): Promise<never> => Promise.reject(down)
const works = (): Promise<string> => Promise.resolve('fine')

function make(options: Partial<KeyedCircuitBreakerOptions> = {}): KeyedCircuitBreaker {
  return new KeyedCircuitBreaker({ name: 'tenants', clock, tripRule: consecutiveFailures(1), ...options })
}

async function open(breakers: KeyedCircuitBreaker, key: string): Promise<void> {
  await breakers.run(key, fails).catch(() => {})
  expect(breakers.state(key)).toBe('open')
}

function hang(): { readonly work: () => Promise<string>; readonly end: (text: string) => void } {
  let end: (text: string) => void = () => {}
  const promise = new Promise<string>((resolve) => (end = resolve))
  return { work: () => promise, end: (text) => end(text) }
}

describe('one circuit per key', () => {
  test('a key that fails is refused, and no other is', async () => {
    const breakers = make()
    await open(breakers, 'a')
    await expect(breakers.run('a', works)).rejects.toMatchObject({
      name: 'CircuitOpenError',
      service: 'tenants/a',
      retryAfterMs: 30_000,
      cause: down,
    })
    expect(await breakers.run('b', works)).toBe('fine')
    expect([breakers.state('b'), breakers.state('never seen')]).toEqual(['closed', 'closed'])
    expect([...breakers.keys()]).toEqual(['a', 'b'])
    expect(breakers.size).toBe(2)
  })

  test('it recovers by a trial', async () => {
    const breakers = make()
    await open(breakers, 'a')
    await clock.advance(30_000)
    expect(breakers.state('a')).toBe('half-open')
    await breakers.run('a', works)
    expect(breakers.state('a')).toBe('closed')
  })

  test('run is told a signal and a time limit, and a fallback what the call was about', async () => {
    const fallback = vi.fn(() => 'spare')
    const breakers = make({ fallback, timeoutMs: 1_000 })
    const running = breakers.run('a', () => hang().work(), { timeoutMs: 50 }, ['about', 1])
    await clock.advance(50)
    expect(await running).toBe('spare')
    expect(fallback).toHaveBeenCalledWith(
      expect.objectContaining({ error: expect.any(CallTimeoutError) as unknown, args: ['about', 1] }),
    )
    expect(await breakers.run('a', works, undefined, ['refused'])).toBe('spare')
    expect(fallback).toHaveBeenLastCalledWith(expect.objectContaining({ args: ['refused'] }))
  })

  test('a caller who gives up says nothing', async () => {
    const breakers = make()
    const caller = new AbortController()
    const running = breakers.run('a', () => hang().work(), { signal: caller.signal })
    caller.abort(down)
    await expect(running).rejects.toBe(down)
    expect(breakers.state('a')).toBe('closed')
  })

  test('call gives back what the function gives, and refuses in its manner', async () => {
    const breakers = make()
    expect(breakers.call('a', (one: number, other: number) => one + other, 1, 2)).toBe(3)
    expectTypeOf(breakers.call('z', works)).toEqualTypeOf<Promise<string>>()
    expect(() =>
      breakers.call('a', () => {
        throw down
      }),
    ).toThrow(down)
    expect(() => breakers.call('a', () => 1)).toThrow(CircuitOpenError)
    await expect(breakers.call('b', fails)).rejects.toBe(down)
    await expect(breakers.call('b', works)).rejects.toBeInstanceOf(CircuitOpenError)
    expect(() => breakers.call('c', 'no function' as never)).toThrow(InvalidOptionError)
  })

  test('a rejection that nobody handles stays one', async () => {
    const breakers = make()
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    void breakers.call('a', fails)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([down])
  })

  test('permits: refused when open, settled once', async () => {
    const breakers = make()
    const permit = breakers.tryAcquire('a')
    permit?.fail(down)
    permit?.succeed()
    expect(breakers.state('a')).toBe('open')
    expect(breakers.tryAcquire('a')).toBeUndefined()
  })

  test('hostile keys are keys', async () => {
    const breakers = make()
    const keys = ['__proto__', 'constructor', 'toString', 'a\nb', '*', '\ud800']
    for (const key of keys) await open(breakers, key)
    expect([...breakers.keys()]).toEqual(keys)
    await expect(breakers.run('a\nb', works)).rejects.toMatchObject({ service: 'tenants/a\ufffdb' })
    expect(breakers.state('hasOwnProperty')).toBe('closed')
  })

  test.each([[''], ['x'.repeat(513)], [1], [undefined], [Symbol('key')], [{ toString: () => 'a' }]])(
    '%o is no key',
    async (key) => {
      const breakers = make()
      const bad = key as string
      await expect(breakers.run(bad, works)).rejects.toBeInstanceOf(InvalidOptionError)
      const uses = [
        () => breakers.call(bad, works),
        () => breakers.tryAcquire(bad),
        () => breakers.state(bad),
        () => breakers.hold(bad, 'open'),
        () => breakers.unhold(bad),
      ]
      for (const use of uses) expect(use).toThrow(InvalidOptionError)
      expect(breakers.size).toBe(0)
    },
  )
})

describe('byKey', () => {
  test('later entries go before earlier ones, and all before what holds for all keys', async () => {
    const breakers = make({
      openMs: 1_000,
      byKey: [
        { keys: /^internal-/gy, openMs: 2_000 },
        { keys: 'internal-*-slow', openMs: 3_000 },
        { keys: 'internal-a-slow', openMs: 4_000, isFailure: undefined },
        { keys: 'internal-a-*', tripRule: consecutiveFailures(2) },
      ],
    })
    const expected = { other: 1_000, 'internal-x': 2_000, 'internal-y': 2_000, 'internal-b-slow': 3_000 }
    for (const [key, retryAfterMs] of Object.entries(expected)) {
      await open(breakers, key)
      await expect(breakers.run(key, works)).rejects.toMatchObject({ retryAfterMs })
    }
    await breakers.run('internal-a-slow', fails).catch(() => {})
    expect(breakers.state('internal-a-slow')).toBe('closed')
    await open(breakers, 'internal-a-slow')
    await expect(breakers.run('internal-a-slow', works)).rejects.toMatchObject({ retryAfterMs: 4_000 })
  })

  test('a key can be left alone', async () => {
    const breakers = make({ byKey: [{ keys: 'local*', enabled: false }] })
    await expect(breakers.run('localhost', fails)).rejects.toBe(down)
    expect(await breakers.run('localhost', works)).toBe('fine')
    expect(breakers.call('localhost', () => 1)).toBe(1)
    const promise = works()
    expect(breakers.call('localhost', () => promise)).toBe(promise)
  })

  test('the RegExp and the options are copied', async () => {
    const keys = /a/g
    keys.lastIndex = 5
    const entry = { keys, openMs: 2_000 }
    const byKey = [entry]
    const breakers = make({ byKey })
    entry.openMs = 7_000
    byKey.length = 0
    for (const key of ['a', 'aa', 'ba']) {
      await open(breakers, key)
      await expect(breakers.run(key, works)).rejects.toMatchObject({ retryAfterMs: 2_000 })
    }
    expect(keys.lastIndex).toBe(5)
  })

  test('entries that are fine alone may meet: the open time counts', async () => {
    const breakers = make({
      byKey: [
        { keys: 'a*', openMs: 60_000 },
        { keys: '*b', longestOpenMs: 40_000 },
      ],
    })
    await open(breakers, 'ab')
    await expect(breakers.run('ab', works)).rejects.toMatchObject({ retryAfterMs: 60_000 })
  })
})

describe('options are checked when it is made', () => {
  test.each([
    [{ name: '' }],
    [{ maxKeys: 0 }],
    [{ maxKeys: 1.5 }],
    [{ maxKeys: Infinity }],
    [{ clock: {} }],
    [{ openMs: -1 }],
    [{ snapshot: {} }],
    [{ mayKeys: 1 }],
    [{ byKey: {} }],
    [{ byKey: [null] }],
    [{ byKey: [{ openMs: 1 }] }],
    [{ byKey: [{ keys: '' }] }],
    [{ byKey: [{ keys: ['a'] }] }],
    [{ byKey: [{ keys: 'a', openMs: 0 }] }],
    [{ byKey: [{ keys: 'a', name: 'b' }] }],
    [{ byKey: [{ keys: 'a', clock: new FakeClock() }] }],
    [{ byKey: [{ keys: 'a', opneMs: 1 }] }],
  ])('%o', (options) => {
    expect(() => make(options as never)).toThrow(InvalidOptionError)
  })

  test('an entry must make sense over what holds for all keys', () => {
    expect(() => make({ longestOpenMs: 40_000, byKey: [{ keys: 'a', openMs: 50_000 }] })).toThrow(
      ContradictoryOptionsError,
    )
  })

  test('no options at all', () => {
    expect(() => new KeyedCircuitBreaker(undefined as never)).toThrow(InvalidOptionError)
  })
})

describe('bounded', () => {
  test('the least recently used of the closed ones is dropped', async () => {
    const breakers = make({ maxKeys: 3 })
    for (const key of ['a', 'b', 'c', 'a', 'd']) await breakers.run(key, works)
    expect([...breakers.keys()]).toEqual(['a', 'c', 'd'])
    breakers.state('c')
    await breakers.run('e', works)
    expect([...breakers.keys()]).toEqual(['a', 'd', 'e'])
    expect([breakers.size, breakers.unguarded, warnings]).toEqual([3, 0, []])
  })

  test('what is open, half-open or held is not dropped', async () => {
    const breakers = make({ maxKeys: 4 })
    await open(breakers, 'half-open')
    await clock.advance(30_000)
    await open(breakers, 'open')
    breakers.hold('held', 'closed')
    for (let n = 0; n < 20; n += 1) await breakers.run(`other ${n}`, works)
    expect([...breakers.keys()]).toEqual(['half-open', 'open', 'held', 'other 19'])
    expect(breakers.state('half-open')).toBe('half-open')
    breakers.unhold('held')
    await breakers.run('other 20', works)
    await breakers.run('other 21', works)
    expect([...breakers.keys()]).toEqual(['half-open', 'open', 'other 20', 'other 21'])
  })

  test('what is in use is not dropped: calls of all kinds, and permits', async () => {
    const breakers = make({ maxKeys: 4 })
    const [run, call] = [hang(), hang()]
    const ends = [breakers.run('run', run.work), breakers.call('call', call.work)]
    const permits = [breakers.tryAcquire('permit'), breakers.tryAcquire('permit')]
    for (let n = 0; n < 9; n += 1) await breakers.run(`other ${n}`, works)
    expect([...breakers.keys()]).toEqual(['run', 'call', 'permit', 'other 8'])
    run.end('')
    call.end('')
    await Promise.all(ends)
    permits[0]?.succeed()
    permits[0]?.succeed()
    for (let n = 0; n < 9; n += 1) await breakers.run(`other ${n}`, works)
    expect([...breakers.keys()].includes('permit')).toBe(true)
    permits[1]?.ignore()
    for (let n = 0; n < 9; n += 1) await breakers.run(`more ${n}`, works)
    expect([...breakers.keys()]).toEqual(['more 5', 'more 6', 'more 7', 'more 8'])
    expect(breakers.unguarded).toBe(0)
  })

  test('where none can be dropped, calls pass, are counted, and it is said once', async () => {
    const breakers = make({ maxKeys: 2 })
    await open(breakers, 'a')
    await open(breakers, 'b')
    for (let n = 0; n < 5; n += 1) await expect(breakers.run('c', fails)).rejects.toBe(down)
    expect(await breakers.run('c', works)).toBe('fine')
    expect(breakers.call('d', () => 1)).toBe(1)
    breakers.tryAcquire('e')?.fail(down)
    expect([breakers.size, breakers.unguarded, breakers.state('c')]).toEqual([2, 8, 'closed'])
    expect(warnings).toEqual([
      'tenants: each of its 2 circuits is in use, held, or not closed; calls for further keys are not guarded',
    ])
    await clock.advance(30_000)
    await breakers.run('a', works)
    await expect(breakers.run('c', fails)).rejects.toBe(down)
    expect([...breakers.keys(), breakers.state('c')]).toEqual(['b', 'c', 'open'])
    expect(breakers.unguarded).toBe(8)
  })

  test('a call without a circuit keeps the time limit and the fallback of its key', async () => {
    const breakers = make({ maxKeys: 1, byKey: [{ keys: 'slow', timeoutMs: 100, fallback: () => 'spare' }] })
    await open(breakers, 'a')
    const running = breakers.run('slow', () => hang().work())
    await clock.advance(100)
    expect(await running).toBe('spare')
    expect(await breakers.run('slow', works)).toBe('fine')
    await expect(breakers.run('other', fails)).rejects.toBe(down)
  })

  test('there is always room for a hold, and what was too much goes later', async () => {
    const breakers = make({ maxKeys: 1 })
    await breakers.run('a', works)
    breakers.hold('b', 'open')
    breakers.hold('c', 'open')
    expect(breakers.size).toBe(3)
    await expect(breakers.run('b', works)).rejects.toBeInstanceOf(CircuitOpenError)
    breakers.unhold('b')
    breakers.unhold('c')
    await breakers.run('d', works)
    expect([...breakers.keys()]).toEqual(['d'])
  })

  test('a hold that has ended by itself keeps no circuit', async () => {
    const breakers = make({ maxKeys: 2 })
    breakers.hold('a', 'closed', { expiresInMs: 1_000 })
    breakers.hold('b', 'closed', { expiresInMs: 2_000 })
    await breakers.run('c', works)
    expect(breakers.unguarded).toBe(1)
    await clock.advance(1_000)
    await breakers.run('c', works)
    await clock.advance(1_000)
    await breakers.run('d', works)
    await breakers.run('e', works)
    expect([[...breakers.keys()], breakers.unguarded]).toEqual([['d', 'e'], 1])
  })

  test('a hold that was renewed does', async () => {
    const breakers = make({ maxKeys: 1 })
    breakers.hold('a', 'open', { expiresInMs: 1_000 })
    breakers.hold('a', 'open', { expiresInMs: 5_000 })
    await clock.advance(1_000)
    await breakers.run('b', works)
    expect([...breakers.keys()]).toEqual(['a'])
    await clock.advance(4_000)
    await breakers.run('b', works)
    expect([...breakers.keys()]).toEqual(['b'])
  })

  test('a hold that is wrong changes nothing that stays', async () => {
    const breakers = make({ maxKeys: 1 })
    expect(() => breakers.hold('a', 'shut' as never)).toThrow(InvalidOptionError)
    await breakers.run('b', works)
    expect([...breakers.keys()]).toEqual(['b'])
  })

  test('a thousand by default', async () => {
    const breakers = make()
    for (let n = 0; n < 1_100; n += 1) await breakers.run(`${n}`, works)
    expect([breakers.size, [...breakers.keys()][0]]).toEqual([1_000, '100'])
  })

  test('a call costs the same, however many circuits cannot be dropped', async () => {
    const breakers = make({ maxKeys: 20_000 })
    for (let n = 0; n < 19_999; n += 1) breakers.hold(`held ${n}`, 'closed', { expiresInMs: 60_000 })
    let looks = 0
    const { now } = clock
    clock.now = () => ((looks += 1), now.call(clock))
    for (let n = 0; n < 1_000; n += 1) breakers.call(`key ${n}`, () => 1)
    expect(looks).toBeLessThan(10_000)
    expect(breakers.size).toBe(20_000)
  })
})

describe('events', () => {
  test('of all keys, also of those that come later; each names its circuit', async () => {
    const breakers = make()
    await breakers.run('a', works)
    const seen: string[] = []
    const stop = breakers.on('circuit-changed', ({ service, to }) => seen.push(`${service} ${to}`))
    await open(breakers, 'a')
    await open(breakers, 'b')
    stop()
    await open(breakers, 'c')
    expect(seen).toEqual(['tenants/a open', 'tenants/b open'])
  })

  test('what time alone does is told while somebody listens', async () => {
    const breakers = make()
    breakers.hold('a', 'open', { expiresInMs: 1_000 })
    const seen: unknown[] = []
    const stop = breakers.on('hold-changed', ({ service, hold, expired }) =>
      seen.push([service, hold, expired]),
    )
    await clock.advance(1_000)
    breakers.hold('b', 'open', { expiresInMs: 1_000 })
    expect(clock.timers).toBe(1)
    stop()
    expect(clock.timers).toBe(0)
    expect(seen).toEqual([
      ['tenants/a', 'none', true],
      ['tenants/b', 'open', false],
    ])
  })

  test('refusals', async () => {
    const breakers = make()
    const seen: string[] = []
    breakers.on('call-refused', ({ service }) => seen.push(service))
    await open(breakers, 'a')
    await breakers.run('a', works).catch(() => {})
    expect(seen).toEqual(['tenants/a'])
  })

  test('a listener that throws changes nothing', async () => {
    const breakers = make()
    breakers.on('circuit-changed', () => {
      throw down
    })
    await open(breakers, 'a')
    expect(warnings).toEqual(['a listener of circuit-changed failed'])
  })
})

describe('shared by all keys', () => {
  test('one timer for all time limits, and one listener for all calls under a signal', async () => {
    const breakers = make({ timeoutMs: 1_000 })
    const caller = new AbortController()
    const add = vi.spyOn(caller.signal, 'addEventListener')
    const running = Array.from({ length: 50 }, (_, n) =>
      breakers.run(`${n}`, () => hang().work(), { signal: caller.signal }),
    )
    expect([clock.timers, add.mock.calls.length]).toEqual([1, 1])
    caller.abort(down)
    for (const each of running) await expect(each).rejects.toBe(down)
    expect(breakers.state('7')).toBe('closed')
  })
})

describe('close', () => {
  test('calls pass untouched, and nothing is kept', async () => {
    const breakers = make({ timeoutMs: 100 })
    breakers.on('circuit-changed', () => {})
    await open(breakers, 'a')
    const late = hang()
    const running = breakers.run('b', late.work)
    breakers.close()
    expect([breakers.size, breakers.state('a')]).toEqual([0, 'closed'])
    for (let n = 0; n < 3; n += 1) await expect(breakers.run('a', fails)).rejects.toBe(down)
    const promise = works()
    expect(breakers.call('a', () => promise)).toBe(promise)
    breakers.tryAcquire('a')?.fail(down)
    breakers.hold('a', 'open')
    breakers.unhold('a')
    late.end('late')
    expect(await running).toBe('late')
    expect([breakers.size, breakers.unguarded, warnings]).toEqual([0, 0, []])
    await clock.advance(100)
    expect(clock.timers).toBe(0)
    breakers.close()
  })

  test('leaves no timer', async () => {
    const breakers = make({ timeoutMs: 60_000 })
    breakers.on('circuit-changed', () => {})
    for (const key of ['a', 'b']) await open(breakers, key)
    expect(clock.timers).toBeGreaterThan(0)
    breakers.close()
    expect(clock.timers).toBe(0)
  })

  test('by using', async () => {
    const breakers = make()
    {
      using closing = breakers
      await open(closing, 'a')
    }
    expect(await breakers.run('a', works)).toBe('fine')
  })
})
