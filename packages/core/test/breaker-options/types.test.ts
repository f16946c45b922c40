import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  CircuitBreaker,
  consecutiveFailures,
  failureRate,
  type BreakerOptions,
  type CallContext,
  type CircuitBreakerOptions,
  type CircuitName,
  type CircuitSnapshot,
  type ErrorSummary,
  type HoldKind,
  type Permit,
  type Tally,
  type TripRule,
} from '../../src/index.ts'

const breaker = new CircuitBreaker({ name: 'search' })

/** Checked by the compiler; never run. */
function compiles(_checks: () => void): void {}

interface User {
  readonly id: number
}

function byId(id: number): User
function byId(ids: readonly number[]): User[]
function byId(ids: number | readonly number[]): User | User[] {
  return typeof ids === 'number' ? { id: ids } : ids.map((id) => ({ id }))
}

async function firstOf<T>(list: readonly T[], fallback: T): Promise<T> {
  return list[0] ?? fallback
}

describe('wrap gives back the type that it was given', () => {
  test('sync, async and thenable results', () => {
    const length = (text: string): number => text.length
    const load = async (id: number, more?: string): Promise<string> => `${id}${more}`
    const thenable = (): PromiseLike<User> => Promise.resolve({ id: 1 })
    expectTypeOf(breaker.wrap(length)).toEqualTypeOf<(text: string) => number>()
    expectTypeOf(breaker.wrap(load)).toEqualTypeOf<(id: number, more?: string) => Promise<string>>()
    expectTypeOf(breaker.wrap(thenable)).toEqualTypeOf<() => PromiseLike<User>>()
    expect(breaker.wrap(length)('four')).toBe(4)
  })

  test('type parameters', async () => {
    const wrapped = breaker.wrap(firstOf)
    expectTypeOf(wrapped).toEqualTypeOf<typeof firstOf>()
    expectTypeOf(wrapped(['a'], 'b')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(wrapped<User>([], { id: 1 })).toEqualTypeOf<Promise<User>>()
    expect(await wrapped([1], 2)).toBe(1)
  })

  test('overloads', () => {
    const wrapped = breaker.wrap(byId)
    expectTypeOf(wrapped(5)).toEqualTypeOf<User>()
    expectTypeOf(wrapped([5])).toEqualTypeOf<User[]>()
    // @ts-expect-error - no overload takes a string
    compiles(() => wrapped('5'))
    expect([wrapped(5), wrapped([5])]).toEqual([{ id: 5 }, [{ id: 5 }]])
  })

  test('`this`', () => {
    class Catalogue {
      readonly name = 'catalogue'
      find(this: Catalogue, id: number): string {
        return `${this.name}:${id}`
      }
    }
    const find = breaker.wrap(Catalogue.prototype.find)
    expectTypeOf(find).toEqualTypeOf<(this: Catalogue, id: number) => string>()
    // @ts-expect-error - it has no catalogue to be called on
    compiles(() => find(5))
    expect(find.call(new Catalogue(), 5)).toBe('catalogue:5')
  })

  test('rest parameters, and functions that carry properties', () => {
    const join = Object.assign((...parts: [string, ...number[]]): string => parts.join(), { separator: ',' })
    expectTypeOf(breaker.wrap(join)).parameters.toEqualTypeOf<[string, ...number[]]>()
  })

  test('callbacks', () => {
    type Load = (id: number, done: (error: Error | null, user?: User) => void) => void
    const load: Load = (id, done) => done(null, { id })
    expectTypeOf(breaker.wrapCallback(load)).toEqualTypeOf<Load>()
  })

  test('wrong uses are errors', () => {
    const wrapped = breaker.wrap((id: number, more?: string) => `${id}${more}`)
    compiles(() => {
      // @ts-expect-error - the id is a number
      wrapped('5')
      // @ts-expect-error - an argument is missing
      wrapped()
      // @ts-expect-error - an argument too many
      wrapped(5, 'more', 'even more')
      // @ts-expect-error - a number is no function
      breaker.wrap(5)
      // @ts-expect-error - nothing is no function
      breaker.wrap(undefined)
      // @ts-expect-error - a class is no function that can be called
      breaker.wrap(Map)
    })
  })
})

describe('call', () => {
  test('answers as the function does', async () => {
    expectTypeOf(breaker.call((text: string) => text.length, 'four')).toEqualTypeOf<number>()
    expectTypeOf(breaker.call(async (id: number) => ({ id }), 5)).toEqualTypeOf<Promise<{ id: number }>>()
    expectTypeOf(breaker.call(() => undefined)).toEqualTypeOf<undefined>()
    expect(breaker.call((text: string) => text.length, 'four')).toBe(4)
    expect(await breaker.call(async (id: number) => ({ id }), 5)).toEqual({ id: 5 })
  })

  test('infers type parameters from its arguments', async () => {
    expectTypeOf(breaker.call(firstOf<string>, ['a'], 'b')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(breaker.call(firstOf, ['a'], 'b')).toEqualTypeOf<Promise<string>>()
    expect(await breaker.call(firstOf, ['a'], 'b')).toBe('a')
  })

  test('checks the arguments', () => {
    const find = (id: number, more?: string): string => `${id}${more}`
    expectTypeOf(breaker.call(find, 5)).toEqualTypeOf<string>()
    compiles(() => {
      // @ts-expect-error - the id is a number
      breaker.call(find, '5')
      // @ts-expect-error - an argument is missing
      breaker.call(find)
      // @ts-expect-error - an argument too many
      breaker.call(find, 5, 'more', 'even more')
      // @ts-expect-error - a number is no function
      breaker.call(5)
    })
  })
})

describe('run', () => {
  test('is always a promise, of what the work answers in the end', async () => {
    expectTypeOf(breaker.run(() => 5)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(breaker.run(async () => ({ id: 5 }))).toEqualTypeOf<Promise<{ id: number }>>()
    expectTypeOf(breaker.run(() => Promise.resolve(Promise.resolve('a')))).toEqualTypeOf<Promise<string>>()
    expectTypeOf(breaker.run((): PromiseLike<User> => Promise.resolve({ id: 5 }))).toEqualTypeOf<
      Promise<User>
    >()
    expect(await breaker.run(() => 5)).toBe(5)
  })

  test('gives the work a signal', async () => {
    await breaker.run((context) => expectTypeOf(context).toEqualTypeOf<CallContext>())
    await breaker.run(({ signal }) => expectTypeOf(signal).toEqualTypeOf<AbortSignal>())
  })

  test('wrong uses are errors', () => {
    compiles(() => {
      // @ts-expect-error - the work takes nothing but its context
      void breaker.run((id: number) => id)
      // @ts-expect-error - misspelt
      void breaker.run(() => 5, { timeout: 5 })
      // @ts-expect-error - a duration is a number
      void breaker.run(() => 5, { timeoutMs: '5s' })
      // @ts-expect-error - a controller is no signal
      void breaker.run(() => 5, { signal: new AbortController() })
      // @ts-expect-error - the work is a function
      void breaker.run(Promise.resolve(5))
    })
  })

  test('options may be undefined, as they come out of other options', async () => {
    expect(await breaker.run(() => 5, { signal: undefined, timeoutMs: undefined })).toBe(5)
    expect(await breaker.run(() => 5, undefined)).toBe(5)
  })
})

describe('what else a breaker has', () => {
  test('is typed', () => {
    expectTypeOf(breaker.state).toEqualTypeOf<CircuitName>()
    expectTypeOf(breaker.name).toEqualTypeOf<string>()
    expectTypeOf(breaker.snapshot()).toEqualTypeOf<CircuitSnapshot>()
    expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<Permit | undefined>()
    expectTypeOf(breaker.hold).parameter(0).toEqualTypeOf<HoldKind>()
    expectTypeOf(breaker.counts.refused).toEqualTypeOf<number>()
  })

  test('is read-only where it is only told', () => {
    compiles(() => {
      // @ts-expect-error - the state is told, not set
      breaker.state = 'open'
      // @ts-expect-error - counts are told, not set
      breaker.counts.refused = 0
      // @ts-expect-error - a permit may have been refused
      breaker.tryAcquire().succeed()
      // @ts-expect-error - there is no such hold
      breaker.hold('shut')
    })
  })
})

describe('events', () => {
  test('each has its own fields', () => {
    const own = new CircuitBreaker({ name: 'search' })
    own.on('circuit-changed', ({ from, to }) => expectTypeOf([from, to]).toEqualTypeOf<CircuitName[]>())
    own.on('outage-began', ({ error }) => expectTypeOf(error).toEqualTypeOf<ErrorSummary>())
    own.on('call-refused', ({ retryAfterMs }) => expectTypeOf(retryAfterMs).toEqualTypeOf<number>())
    expectTypeOf(own.on('hold-changed', () => undefined)).toEqualTypeOf<() => void>()
    own.close()
  })

  test('others are errors', () => {
    compiles(() => {
      // @ts-expect-error - there is no such event
      breaker.on('open', () => {})
      // @ts-expect-error - it has no such field
      breaker.on('circuit-changed', ({ duration }) => void duration)
    })
  })
})

describe('trip rules', () => {
  test('the built-in ones are rules', () => {
    expectTypeOf(consecutiveFailures).toEqualTypeOf<(failures: number) => TripRule>()
    expectTypeOf(failureRate).returns.toEqualTypeOf<TripRule>()
  })

  test('one can be written as an object', () => {
    const everyOther = {
      description: 'everyOther()',
      start: (): Tally => {
        let failures = 0
        return { succeeded: () => false, failed: () => (failures += 1) % 2 === 0 }
      },
    } satisfies TripRule
    const own = new CircuitBreaker({ name: 'search', tripRule: everyOther })
    const trip = (): void => own.tryAcquire()?.fail(new Error('no answer'))
    trip()
    expect(own.state).toBe('closed')
    trip()
    expect(own.state).toBe('open')
  })

  test('or as a class, that asks two others', () => {
    class Either implements TripRule {
      readonly #rules: readonly TripRule[]

      constructor(...rules: TripRule[]) {
        this.#rules = rules
      }

      get description(): string {
        return this.#rules.map(({ description }) => description).join(' or ')
      }

      start(...clock: Parameters<TripRule['start']>): Tally {
        const tallies = this.#rules.map((rule) => rule.start(...clock))
        const ask = (what: keyof Tally): boolean => tallies.map((tally) => tally[what]()).includes(true)
        return { succeeded: () => ask('succeeded'), failed: () => ask('failed') }
      }
    }
    const rule = new Either(consecutiveFailures(3), failureRate({ threshold: 0.5, windowCalls: 10 }))
    const own = new CircuitBreaker({ name: 'search', tripRule: rule })
    for (let call = 0; call < 3; call += 1) own.tryAcquire()?.fail(new Error('no answer'))
    expect(own.state).toBe('open')
  })

  test('half a rule is an error', () => {
    compiles(() => {
      // @ts-expect-error - it does not start
      new CircuitBreaker({ name: 'search', tripRule: { description: 'mine' } })
      // @ts-expect-error - two rules are none
      new CircuitBreaker({ name: 'search', tripRule: [consecutiveFailures(5)] })
      // @ts-expect-error - a share is a number
      failureRate({ threshold: '50%', windowCalls: 10 })
    })
  })
})

describe('options', () => {
  test('a name must be given, and the rest may be left out', () => {
    expectTypeOf<{ name: string }>().toExtend<CircuitBreakerOptions>()
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no option at all
    expectTypeOf<{}>().not.toExtend<CircuitBreakerOptions>()
    expectTypeOf<BreakerOptions>().not.toHaveProperty('name')
  })

  test('misspelt ones are errors', () => {
    compiles(() => {
      // @ts-expect-error - misspelt
      new CircuitBreaker({ name: 'search', openMS: 5 })
    })
  })
})
