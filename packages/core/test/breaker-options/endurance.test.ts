import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  CircuitBreaker,
  failureRate,
  systemClock,
  type CircuitBreakerOptions,
  type Clock,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const exec = promisify(execFile)

/** What a fixture prints in a process of its own, whose garbage can be collected at will. */
async function printedBy(fixture: string, ...args: string[]): Promise<Record<string, number>> {
  const file = join(import.meta.dirname, 'fixtures', fixture)
  const flags = ['--expose-gc', '--conditions=@failover/source']
  const { stdout } = await exec(process.execPath, [...flags, file, ...args], { timeout: 30_000 })
  return JSON.parse(stdout) as Record<string, number>
}

const warnings: Error[] = []
const remember = (warning: Error): void => void warnings.push(warning)
beforeEach(() => {
  warnings.length = 0
  process.on('warning', remember)
})
afterEach(() => void process.off('warning', remember))

/** Warnings come in a later turn. */
async function warned(): Promise<Error[]> {
  await systemClock.turns(3)
  return warnings
}

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

async function inBatches(calls: number, size: number, make: () => Promise<unknown>): Promise<void> {
  for (let made = 0; made < calls; made += size) await Promise.all(Array.from({ length: size }, make))
}

describe('under one signal that lives as long as the process', () => {
  const { signal } = new AbortController()
  const hasEnded = async (): Promise<number> => 1

  test('a million calls leave no listener, and never have more than one', async () => {
    const breaker = new CircuitBreaker({ name: 'search' })
    for (let batch = 0; batch < 1_000; batch += 1) {
      const calls = Array.from({ length: 1_000 }, () => breaker.run(hasEnded, { signal }))
      expect(listenersOf(signal)).toBeLessThanOrEqual(1)
      await Promise.all(calls)
    }
    expect(listenersOf(signal)).toBe(0)
    expect(await warned()).toEqual([])
  })

  test('calls with a time of their own, failures and refusals leave none either', async () => {
    const breaker = new CircuitBreaker({ name: 'search', timeoutMs: 60_000 })
    const fails = async (): Promise<never> => Promise.reject(new Error('no answer'))
    let turn = 0
    await inBatches(100_000, 1_000, async () => {
      turn += 1
      const work = turn % 3 === 0 ? fails : hasEnded
      await Promise.allSettled([
        breaker.run(work, { signal }),
        breaker.run(({ signal: own }) => own.aborted, { signal }),
      ])
    })
    expect([listenersOf(signal), await warned()]).toEqual([0, []])
    expect(breaker.counts.refused).toBeGreaterThan(0)
  })

  test('calls of a hundred breakers at once warn of nothing, and all end with it', async () => {
    const controller = new AbortController()
    const calls = Array.from({ length: 100 }, (_, index) =>
      new CircuitBreaker({ name: `search ${index}` }).run(() => new Promise(() => undefined), {
        signal: controller.signal,
      }),
    )
    let ended = 0
    for (const call of calls) call.catch(() => (ended += 1))
    expect(await warned()).toEqual([])
    controller.abort()
    await systemClock.turns(3)
    expect([ended, listenersOf(controller.signal)]).toEqual([100, 0])
  })

  test('of a hundred thousand calls that are given up midway, all end, with the reason', async () => {
    const breaker = new CircuitBreaker({ name: 'search' })
    const controller = new AbortController()
    const calls = Array.from({ length: 100_000 }, () =>
      breaker.run(() => new Promise(() => undefined), { signal: controller.signal }),
    )
    await systemClock.turns(1)
    expect(listenersOf(controller.signal)).toBe(1)
    controller.abort('enough')
    const ends = await Promise.allSettled(calls)
    expect(ends.every((end) => end.status === 'rejected' && end.reason === 'enough')).toBe(true)
    expect([listenersOf(controller.signal), breaker.state, await warned()]).toEqual([0, 'closed', []])
  })
})

/** Counts the timers that it was asked for. */
function countingClock(): { clock: Clock; started(): number } {
  let timers = 0
  const clock: Clock = {
    ...systemClock,
    startTimer: (...args) => {
      timers += 1
      return systemClock.startTimer(...args)
    },
  }
  return { clock, started: () => timers }
}

function resources(): number {
  return process.getActiveResourcesInfo().length
}

function use(breaker: CircuitBreaker): void {
  for (let call = 0; call < 6; call += 1) breaker.tryAcquire()?.succeed()
  for (let call = 0; call < 6; call += 1) breaker.tryAcquire()?.fail(new Error('no answer'))
  expect(breaker.state).toBe('open')
  expect(() => breaker.call(() => 1)).toThrow(/is not available/)
}

const kinds: [string, Partial<CircuitBreakerOptions>][] = [
  ['that count failures in a row', {}],
  ['that look at the last calls', { tripRule: failureRate({ threshold: 0.5, windowCalls: 10 }) }],
  ['that look at the last minute', { tripRule: failureRate({ threshold: 0.5, windowMs: 60_000 }) }],
  ['with a timeout', { timeoutMs: 1_000 }],
]

describe.each(kinds)('ten thousand breakers %s', (_name, options) => {
  test('start no timer, hold no resource and warn of nothing, while well and while open', async () => {
    const { clock, started } = countingClock()
    const before = resources()
    const breakers = Array.from({ length: 10_000 }, (_, index) => {
      return new CircuitBreaker({ name: `search ${index}`, clock, ...options })
    })
    for (const breaker of breakers) use(breaker)
    expect([started(), resources() - before]).toEqual([0, 0])
    for (const breaker of breakers) breaker.close()
    expect([started(), resources() - before, await warned()]).toEqual([0, 0, []])
  })
})

test('refusing makes neither timers nor listeners', async () => {
  const { clock, started } = countingClock()
  const breaker = new CircuitBreaker({ name: 'search', clock, timeoutMs: 1_000 })
  const { signal } = new AbortController()
  breaker.hold('open')
  await inBatches(10_000, 1_000, () => breaker.run(() => 1, { signal }).catch(() => 0))
  expect([started(), listenersOf(signal), await warned()]).toEqual([0, 0, []])
})

describe('a breaker has a timer only while somebody listens', () => {
  test('and none once nobody does any more', () => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker({ name: 'search', clock })
    const stops = [breaker.on('outage-began', () => undefined), breaker.on('outage-ended', () => undefined)]
    use(breaker)
    expect(clock.timers).toBe(1)
    for (const stop of stops) stop()
    expect(clock.timers).toBe(0)
  })

  test('nor does one that was listened to for a while start another', () => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker({ name: 'search', clock })
    breaker.on('outage-began', () => undefined)()
    use(breaker)
    expect(clock.timers).toBe(0)
  })

  test('and none after it was closed', () => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker({ name: 'search', clock })
    breaker.on('outage-began', () => undefined)
    use(breaker)
    breaker.close()
    expect(clock.timers).toBe(0)
  })
})

describe('memory', () => {
  /** No object takes less than sixteen bytes: a leak in every call would be that many times the bound. */
  const LEAK_BYTES = 16

  test.concurrent.each([
    ['plain', 2_000_000],
    ['timed', 1_000_000],
    ['unsteady', 500_000],
    ['signalled', 1_000_000],
    ['refused', 500_000],
  ])('many calls leave nothing: %s', async (kind, calls) => {
    const { grownBy } = await printedBy('heap.ts', kind, String(calls))
    expect(grownBy).toBeLessThan((calls * LEAK_BYTES) / 16)
  })

  test.each(['counting', 'windowed'])('a breaker takes less than 1 500 bytes: %s', async (kind) => {
    const { fresh, used, failed } = await printedBy('many-breakers.ts', kind)
    for (const bytes of [fresh, used, failed]) expect(bytes).toBeLessThan(1_500)
  })
})
