import { expect, test, vi } from 'vitest'
import { CircuitOpenError, failfast, MemoryStateStore, type FailfastOptions } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

class Refused extends Error {
  readonly code = 'ECONNREFUSED'
}

/** A function that fails while `isDown`. */
function api() {
  const state = { isDown: true, calls: 0 }
  const fetchUser = async (id: number): Promise<string> => {
    state.calls += 1
    if (state.isDown) throw new Refused('down')
    return `user ${id}`
  }
  return { state, fetchUser }
}

test('F1, F2: the first error marks the name broken, and is the one that the caller gets', async () => {
  const { state, fetchUser } = api()
  const guarded = failfast(fetchUser, { name: 'users', clock: new FakeClock() })
  await expect(guarded(1)).rejects.toBeInstanceOf(Refused)
  await expect(guarded(1)).rejects.toBeInstanceOf(CircuitOpenError)
  expect(state.calls).toBe(1)
})

test('F3: while it is broken everybody fails at once, and is told name, cause and when to try again', async () => {
  const clock = new FakeClock()
  const { fetchUser } = api()
  const guarded = failfast(fetchUser, { name: 'users', openMs: 60_000, clock })
  await guarded(1).catch(() => {})
  await clock.advance(10_000)
  const error: unknown = await guarded(1).catch((each: unknown) => each)
  expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', service: 'users', retryAfterMs: 50_000 })
  expect((error as Error).cause).toBeInstanceOf(Refused)
})

test('F1: it stays broken for five minutes if nothing else is said', async () => {
  const clock = new FakeClock()
  const { state, fetchUser } = api()
  const guarded = failfast(fetchUser, { clock })
  await guarded(1).catch(() => {})
  state.isDown = false
  await clock.advance(299_999)
  await expect(guarded(1)).rejects.toBeInstanceOf(CircuitOpenError)
  await clock.advance(1)
  await expect(guarded(1)).resolves.toBe('user 1')
})

test('F4: any error counts, but not that its caller gave up', () => {
  const clock = new FakeClock()
  let thrown: unknown = new DOMException('aborted', 'AbortError')
  const guarded = failfast(
    () => {
      throw thrown
    },
    { name: 'any', clock },
  )
  expect(guarded).toThrow('aborted')
  expect(guarded).toThrow('aborted')
  thrown = 'a string'
  expect(guarded).toThrow('a string')
  expect(guarded).toThrow(CircuitOpenError)
})

test('F4: of listed errors only those count: classes, codes, predicates', () => {
  const guardedBy = (errors: FailfastOptions['errors'], thrown: unknown) =>
    failfast(
      () => {
        throw thrown
      },
      { name: 'listed', ...(errors && { errors }), clock: new FakeClock() },
    )
  const isBroken = (errors: FailfastOptions['errors'], thrown: unknown): boolean => {
    const guarded = guardedBy(errors, thrown)
    expect(guarded).toThrow()
    try {
      guarded()
    } catch (error) {
      return error instanceof CircuitOpenError
    }
    return false
  }
  expect(isBroken([Refused], new Refused())).toBe(true)
  expect(isBroken(['ECONNREFUSED'], new Error('outer', { cause: new Refused() }))).toBe(true)
  expect(isBroken([(error) => String(error).includes('boom')], new Error('boom'))).toBe(true)
  expect(isBroken([Refused], new TypeError('a bug'))).toBe(false)
})

test('F5: every call within the time fails fast, not every second one', async () => {
  const { state, fetchUser } = api()
  const guarded = failfast(fetchUser, { clock: new FakeClock() })
  await guarded(1).catch(() => {})
  for (let call = 0; call < 10; call += 1) await expect(guarded(1)).rejects.toBeInstanceOf(CircuitOpenError)
  expect(state.calls).toBe(1)
})

test('F8: after the time one caller tries, the others go on failing fast', async () => {
  const clock = new FakeClock()
  let answer: (value: string) => void = () => {}
  const work = vi.fn((): Promise<string> => Promise.reject(new Refused()))
  const guarded = failfast(work, { name: 'one trial', openMs: 1_000, clock })
  await guarded().catch(() => {})
  await clock.advance(1_000)
  work.mockImplementation(() => new Promise((resolve) => (answer = resolve)))
  const trial = guarded()
  await expect(guarded()).rejects.toBeInstanceOf(CircuitOpenError)
  answer('well')
  await expect(trial).resolves.toBe('well')
  expect(work).toHaveBeenCalledTimes(2)
})

test('F8: a trial that fails breaks it for the same time again', async () => {
  const clock = new FakeClock()
  const { state, fetchUser } = api()
  const guarded = failfast(fetchUser, { openMs: 1_000, clock })
  for (let round = 1; round <= 4; round += 1) {
    await expect(guarded(1)).rejects.toBeInstanceOf(Refused)
    await clock.advance(999)
    await expect(guarded(1)).rejects.toBeInstanceOf(CircuitOpenError)
    await clock.advance(1)
    expect(state.calls).toBe(round)
  }
})

test('F9: not enabled, the function is called as if nothing were there, and the store is not touched', async () => {
  const store = { read: vi.fn(), commit: vi.fn() }
  const { state, fetchUser } = api()
  const guarded = failfast(fetchUser, { enabled: false, store })
  for (let call = 0; call < 3; call += 1) await expect(guarded(1)).rejects.toBeInstanceOf(Refused)
  expect(state.calls).toBe(3)
  expect(store.read).not.toHaveBeenCalled()
  expect(store.commit).not.toHaveBeenCalled()
})

test('F11: sync functions throw, async ones reject, and both keep name, length and this', async () => {
  const clock = new FakeClock()
  function divide(this: { by: number }, value: number): number {
    if (this.by === 0) throw new RangeError('by zero')
    return value / this.by
  }
  const guarded = failfast(divide, { clock })
  expect([guarded.name, guarded.length]).toEqual(['divide', 1])
  expect(guarded.call({ by: 2 }, 4)).toBe(2)
  expect(() => guarded.call({ by: 0 }, 4)).toThrow(RangeError)
  expect(() => guarded.call({ by: 2 }, 4)).toThrow(CircuitOpenError)
})

test('as a decorator it gives each method one circuit, for all instances', async () => {
  const clock = new FakeClock()
  const decorate = failfast({ name: 'weather', clock })
  const method = async function (this: { city: string }): Promise<string> {
    throw new Refused(this.city)
  }
  const decorated = decorate(method, { kind: 'method', name: 'today' } as ClassMethodDecoratorContext)
  await expect(decorated.call({ city: 'Oslo' })).rejects.toThrow('Oslo')
  await expect(decorated.call({ city: 'Rome' })).rejects.toMatchObject({ service: 'weather' })
})

test('two functions of one name without a store have nothing to do with each other', async () => {
  const { fetchUser } = api()
  const one = failfast(fetchUser, { name: 'users' })
  const other = failfast(fetchUser, { name: 'users' })
  await one(1).catch(() => {})
  await expect(other(1)).rejects.toBeInstanceOf(Refused)
})

test.each([
  [{ nmae: 'x' }, 'failfast.nmae'],
  [{ openMs: 0 }, 'openMs'],
  [{ openMs: Infinity }, 'openMs'],
  [{ errors: Error }, 'errors'],
  [{ errors: [5] }, 'errors[0]'],
  [{ enabled: 'yes' }, 'enabled'],
  [{ store: {} }, 'store.read'],
  [{ store: { read: () => {} } }, 'store.commit'],
  [{ name: '' }, 'name'],
])('%o is refused', (options, option) => {
  expect(() => failfast(async () => {}, { name: 'api', ...options } as never)).toThrow(`${option} must be`)
})

test('a function without a name needs one', () => {
  expect(() =>
    failfast(
      (
        () => () =>
          1
      )(),
      { clock: new FakeClock() },
    ),
  ).toThrow('name must be')
})

test('the store of a process is a store like any other', async () => {
  const clock = new FakeClock()
  const store = new MemoryStateStore({ clock })
  const { fetchUser } = api()
  await failfast(fetchUser, { name: 'users', store, clock })(1).catch(() => {})
  await clock.advance(0)
  expect(await store.read('users')).toMatchObject({ circuit: 'open', epoch: 1, error: { name: 'Error' } })
})
