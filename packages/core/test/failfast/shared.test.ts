import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  CircuitOpenError,
  failfast,
  MemoryStateStore,
  type CommitResult,
  type SharedState,
  type StateStore,
  type StoredState,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const OPEN_MS = 10_000

/** A store that may be broken or slow, and cannot push. */
class RoughStore implements StateStore {
  readonly #memory: MemoryStateStore
  weather: 'fine' | 'failing' | 'hanging' = 'fine'
  reads = 0

  constructor(clock: FakeClock) {
    this.#memory = new MemoryStateStore({ clock })
  }

  read(name: string): Promise<StoredState | undefined> {
    this.reads += 1
    return this.#inWeather(() => this.#memory.read(name))
  }

  commit(name: string, epoch: number, state: SharedState): Promise<CommitResult> {
    return this.#inWeather(() => this.#memory.commit(name, epoch, state))
  }

  #inWeather<T>(work: () => Promise<T>): Promise<T> {
    if (this.weather === 'hanging') return new Promise(() => {})
    return this.weather === 'failing' ? Promise.reject(new Error('store is down')) : work()
  }
}

function setUp(store?: (clock: FakeClock) => StateStore) {
  const clock = new FakeClock()
  const shared = store?.(clock) ?? new MemoryStateStore({ clock })
  const service = { isDown: true, calls: 0 }
  const call = async (): Promise<string> => {
    service.calls += 1
    if (service.isDown) throw new Error('down')
    return 'well'
  }
  const process = (): (() => Promise<string>) =>
    failfast(call, { name: 'api', openMs: OPEN_MS, store: shared, clock })
  return { clock, store: shared, service, process }
}

const outcome = (call: () => Promise<string>): Promise<string> =>
  call().catch((error: unknown) => (error instanceof CircuitOpenError ? 'refused' : 'failed'))

let warnings: string[] = []
beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)))
})
afterEach(() => vi.restoreAllMocks())

test('F6: what one has found broken the other does not try', async () => {
  const { clock, service, process } = setUp()
  const [one, other] = [process(), process()]
  expect(await outcome(one)).toBe('failed')
  await clock.advance(0)
  expect(await outcome(other)).toBe('refused')
  expect(service.calls).toBe(1)
})

test('F6: a process that starts later learns it from the store, without waiting for it', async () => {
  const { clock, process } = setUp()
  await outcome(process())
  await clock.advance(4_000)
  const late = process()
  await clock.advance(0)
  expect(await outcome(late)).toBe('refused')
  await clock.advance(6_000)
  expect(await outcome(late)).toBe('failed')
})

test('F6: one success after the time is a success for all that only followed', async () => {
  const { clock, service, process } = setUp()
  const [one, other] = [process(), process()]
  await outcome(one)
  await clock.advance(OPEN_MS)
  service.isDown = false
  expect(await outcome(one)).toBe('well')
  await clock.advance(0)
  expect([await outcome(other), await outcome(other)]).toEqual(['well', 'well'])
})

test('what a process has seen for itself it also sees the end of for itself', async () => {
  const { clock, service, process } = setUp((time) => new RoughStore(time))
  const [one, other] = [process(), process()]
  await Promise.all([outcome(one), outcome(other)])
  await clock.advance(OPEN_MS)
  service.isDown = false
  expect(await outcome(one)).toBe('well')
  await clock.advance(2_000)
  expect(await outcome(other)).toBe('well')
  expect(service.calls).toBe(4)
})

test('a store that cannot push is read from time to time', async () => {
  const { clock, process } = setUp((time) => new RoughStore(time))
  const [one, other] = [process(), process()]
  await clock.advance(0)
  await outcome(one)
  await clock.advance(1_000)
  expect(await outcome(other)).toBe('refused')
})

test.each(['failing', 'hanging'] as const)('F6: a %s store changes no outcome', async (weather) => {
  const { clock, store, service, process } = setUp((time) => new RoughStore(time))
  const rough = store as RoughStore
  rough.weather = weather
  const one = process()
  expect(await outcome(one)).toBe('failed')
  expect(await outcome(one)).toBe('refused')
  await clock.advance(5_000)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('api goes on alone')
  await clock.advance(5_000)
  service.isDown = false
  expect(await outcome(one)).toBe('well')
})

test('what could not be told is told once the store is back', async () => {
  const { clock, store, process } = setUp((time) => new RoughStore(time))
  const rough = store as RoughStore
  rough.weather = 'failing'
  await outcome(process())
  rough.weather = 'fine'
  await clock.advance(1_000)
  expect(await store.read('api')).toMatchObject({ circuit: 'open', epoch: 1 })
})

test('an opening that loses against a closing which could not know of it is told again', async () => {
  const { clock, store, process } = setUp((time) => new RoughStore(time))
  const one = process()
  await clock.advance(0)
  await store.commit('api', 0, { circuit: 'open', openMs: 1, openings: 1 })
  await store.commit('api', 1, { circuit: 'closed', openMs: 0, openings: 0 })
  await outcome(one)
  await clock.advance(0)
  expect(await store.read('api')).toMatchObject({ circuit: 'open', epoch: 3 })
})

test.each([
  { circuit: 'open', openMs: NaN, openings: 1, epoch: 1, ageMs: 0 },
  { circuit: 'open', openMs: 1, openings: -1, epoch: 1, ageMs: 0 },
  { circuit: 'open', openMs: '10', openings: 1, epoch: 1, ageMs: 0 },
  { circuit: 'open', epoch: 1 },
  { epoch: Infinity },
  'garbage',
  null,
])('what makes no sense in a store is passed over: %o', async (garbage) => {
  const { clock, service, process } = setUp(() => ({
    read: () => Promise.resolve(garbage as never),
    commit: () => Promise.resolve(garbage as never),
  }))
  const one = process()
  await clock.advance(3_000)
  service.isDown = false
  expect(await outcome(one)).toBe('well')
})

test('a store that throws at once is a store that fails', async () => {
  const broken = (): never => {
    throw new Error('broken')
  }
  const { clock, process } = setUp(() => ({ read: broken, commit: broken }))
  const one = process()
  await clock.advance(0)
  expect(await outcome(one)).toBe('failed')
  expect(warnings).toHaveLength(1)
})
