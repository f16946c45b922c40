import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { CircuitBreaker, CircuitOpenError, InvalidOptionError } from '../../src/index.ts'
import { breakIt, errorOf, fails, gone, guard, guardOpen, outcomeOf, works } from './support.ts'

class Shop {
  readonly name = 'shop'
  greet(this: Shop, who: string, _times = 1): string {
    return `${this.name} greets ${who}`
  }
  async order(this: Shop, ...items: string[]): Promise<string[]> {
    return [this.name, ...items]
  }
}

describe('wrap', () => {
  test('keeps this, arguments, name, length and type', async () => {
    const { breaker } = guard()
    const greet = breaker.wrap(Shop.prototype.greet)
    const order = breaker.wrap(Shop.prototype.order)
    expect(greet.call(new Shop(), 'ann')).toBe('shop greets ann')
    expect(await order.call(new Shop(), 'tea', 'milk')).toEqual(['shop', 'tea', 'milk'])
    expect([greet.name, greet.length, order.name, order.length]).toEqual(['greet', 1, 'order', 0])
    expectTypeOf(greet).toEqualTypeOf(Shop.prototype.greet)
  })

  test('keeps generics and overloads', () => {
    const { breaker } = guard()
    const first = breaker.wrap(<T>(items: readonly T[]): T | undefined => items[0])
    expectTypeOf(first([1, 2])).toEqualTypeOf<number | undefined>()
    expect(first(['a', 'b'])).toBe('a')
  })

  test.each([
    ['a value', 42],
    ['null', null],
    ['undefined', undefined],
    ['an error that is returned', gone],
    ['an object whose `then` is no function', { then: 'later' }],
  ])('gives back %s as it is, and takes it for a success', (_name, value) => {
    const { breaker } = guard()
    expect(breaker.wrap(() => value)()).toBe(value)
    expect(breaker.state).toBe('closed')
  })

  test.each([
    ['an error', gone],
    ['a string', 'gone'],
    ['null', null],
    ['undefined', undefined],
    ['a frozen object', Object.freeze({ status: 500 })],
  ])('throws %s as it was thrown, and counts it', async (_name, thrown) => {
    const { breaker } = guard()
    let caught: unknown = 'nothing'
    try {
      breaker.wrap(() => {
        throw thrown
      })()
    } catch (error) {
      caught = error
    }
    expect(caught).toBe(thrown)
    expect(breaker.state).toBe('open')
  })

  test('rejects with what the function rejected with, and counts it', async () => {
    const { breaker } = guard()
    expect(await errorOf(breaker.wrap(fails))).toBe(gone)
    expect(breaker.state).toBe('open')
  })

  test('awaits a thenable, and counts how that ends', async () => {
    const { breaker } = guard()
    const query = (error?: Error): PromiseLike<string> => ({
      then: (onValue, onError) =>
        (error ? works().then(() => Promise.reject(error)) : works()).then(onValue, onError),
    })
    const send = breaker.wrap(query)
    expect(await send()).toBe('ok')
    expect(breaker.state).toBe('closed')
    expect(await errorOf(() => send(gone))).toBe(gone)
    expect(breaker.state).toBe('open')
  })

  test('survives a result whose `then` throws when it is looked at', () => {
    const { breaker } = guard()
    const hostile = {
      get then(): unknown {
        throw new Error('hands off')
      },
    }
    expect(breaker.wrap(() => hostile)()).toBe(hostile)
  })

  test('a stream is a success as soon as it is handed over, and is the very same', async () => {
    const { breaker } = guard()
    const stream = async function* (): AsyncGenerator<number> {
      yield 1
      throw gone
    }
    const given = breaker.wrap(stream)()
    expect(Symbol.asyncIterator in given).toBe(true)
    expect(await given.next()).toEqual({ value: 1, done: false })
    expect(await errorOf(() => given.next())).toBe(gone)
    expect(breaker.state).toBe('closed')
  })

  test('counts an AggregateError, and an error of another realm, like any other', async () => {
    const foreign: unknown = runInNewContext('new Error("of another realm")')
    for (const thrown of [new AggregateError([gone]), foreign]) {
      const { breaker } = guard()
      expect(await errorOf(() => breaker.run(() => Promise.reject(thrown)))).toBe(thrown)
      expect(breaker.state).toBe('open')
    }
  })

  test('calls run side by side: none waits for another', async () => {
    const { breaker } = guard()
    let running = 0
    let most = 0
    const work = breaker.wrap(async () => {
      most = Math.max(most, (running += 1))
      await works()
      running -= 1
    })
    await Promise.all(Array.from({ length: 100 }, () => work()))
    expect(most).toBe(100)
  })

  test('refuses what is no function', () => {
    const { breaker } = guard()
    expect(() => breaker.wrap(undefined as unknown as () => void)).toThrow(InvalidOptionError)
  })
})

describe('a refusal comes in the manner of the function', () => {
  const answersLater = (): Promise<string> => works()

  /** `thrown` or `rejected`. */
  async function mannerOf(call: () => unknown): Promise<string> {
    try {
      const error = await Promise.resolve(call()).then(undefined, (reason: unknown) => reason)
      return error instanceof CircuitOpenError ? 'rejected' : 'answered'
    } catch (error) {
      return error instanceof CircuitOpenError ? 'thrown' : 'failed'
    }
  }

  test('an async function rejects, even if it was never called before', async () => {
    const { breaker } = await guardOpen()
    expect(await mannerOf(breaker.wrap(works))).toBe('rejected')
    expect(await mannerOf(() => breaker.call(works))).toBe('rejected')
  })

  test('a sync function throws', async () => {
    const { breaker } = await guardOpen()
    expect(await mannerOf(breaker.wrap(() => 'ok'))).toBe('thrown')
    expect(await mannerOf(() => breaker.call(() => 'ok'))).toBe('thrown')
  })

  test('a plain function that answered with a promise rejects from then on', async () => {
    const { breaker } = guard()
    const load = breaker.wrap(answersLater)
    await load()
    await breakIt(breaker)
    expect(await mannerOf(load)).toBe('rejected')
    expect(await mannerOf(breaker.wrap(answersLater))).toBe('thrown')
  })

  test('a plain function that failed with a promise rejects from then on', async () => {
    const { breaker } = guard()
    const load = breaker.wrap((): Promise<string> => Promise.reject(gone))
    await errorOf(load)
    expect(await mannerOf(load)).toBe('rejected')
  })

  test('a function that answered with a value last throws', async () => {
    const { breaker } = guard()
    const cached = breaker.wrap((isCached: boolean): unknown => (isCached ? 'ok' : works()))
    await cached(false)
    await cached(true)
    await breakIt(breaker)
    expect(await mannerOf(() => cached(true))).toBe('thrown')
  })

  test('an async function that is called rejects, whatever other functions answered before', async () => {
    const { breaker } = guard()
    breaker.call(() => 'ok')
    await breakIt(breaker)
    expect(await mannerOf(() => breaker.call(works))).toBe('rejected')
  })

  test('run always rejects', async () => {
    const { breaker } = await guardOpen()
    expect(await mannerOf(() => breaker.run(() => 'ok'))).toBe('rejected')
  })
})

describe('call and run', () => {
  test('call passes arguments on and gives back the result', async () => {
    const { breaker } = guard()
    expect(breaker.call((a: number, b: number) => a + b, 2, 3)).toBe(5)
    expect(await breaker.call(async (a: string) => a, 'x')).toBe('x')
    expectTypeOf(breaker.call((a: number) => `${a}`, 1)).toEqualTypeOf<string>()
  })

  test('run gives a promise, also for work that answers or throws at once', async () => {
    const { breaker } = guard()
    expect(await breaker.run(() => 7)).toBe(7)
    const failing = breaker.run(() => {
      throw gone
    })
    expect(await errorOf(() => failing)).toBe(gone)
    expect(breaker.state).toBe('open')
  })

  test('run refuses options that it does not know, and lengths of time that are none', async () => {
    const { breaker } = guard()
    for (const options of [{ timeout: 5 }, { timeoutMs: 0 }, { timeoutMs: 1.5 }, { signal: {} }]) {
      const run = breaker.run(works, options as { timeoutMs: number })
      expect(await errorOf(() => run)).toBeInstanceOf(InvalidOptionError)
    }
    expect(breaker.state).toBe('closed')
  })

  test('a disabled breaker calls untouched', async () => {
    const breaker = new CircuitBreaker({ name: 'off', enabled: false, fallback: () => 'fallback' })
    for (let call = 0; call < 20; call += 1) expect(await errorOf(breaker.wrap(fails))).toBe(gone)
    expect(breaker.state).toBe('closed')
    expect(await breaker.run(works)).toBe('ok')
  })

  test('a closed breaker lets calls pass, whatever its circuit was', async () => {
    const { breaker } = await guardOpen()
    breaker.close()
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(breaker.wrap(() => 'ok')()).toBe('ok')
  })
})
