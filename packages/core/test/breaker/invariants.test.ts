import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { consecutiveFailures, failureRate, type TimerOptions } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import {
  begin,
  breakIt,
  edgesOf,
  errorOf,
  fails,
  gone,
  guard,
  guardHalfOpen,
  guardOpen,
  OPEN_MS,
  outcomeOf,
  pending,
  runFixture,
  warningsDuring,
  works,
} from './support.ts'

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

test('BRK-1: no function runs that was asked for while the circuit was open, by whatever way', async () => {
  const { breaker } = await guardOpen()
  let runs = 0
  const work = (): number => (runs += 1)
  const work2 = async (): Promise<number> => work()
  const ways = [
    () => breaker.run(work),
    () => breaker.call(work),
    () => breaker.call(work2),
    breaker.wrap(work),
    breaker.wrap(work2),
    () =>
      new Promise((_resolve, reject) =>
        breaker.wrapCallback((_done: (error: unknown) => void) => work())(reject),
      ),
  ]
  for (const way of ways) expect(await outcomeOf(way)).toBe('refused')
  expect(breaker.tryAcquire()).toBeUndefined()
  expect(runs).toBe(0)
})

test('BRK-2: failures of an earlier closed period do not count in a later one', async () => {
  const { clock, breaker } = guard({ tripRule: consecutiveFailures(2) })
  const old = begin(breaker)
  await breakIt(breaker)
  await clock.advance(OPEN_MS)
  await breaker.run(works)
  expect(breaker.state).toBe('closed')
  old.reject(gone)
  await old.outcome
  await outcomeOf(() => breaker.run(fails))
  expect(breaker.state).toBe('closed')
  expect(breaker.counts.late).toBe(1)
  await outcomeOf(() => breaker.run(fails))
  expect(breaker.state).toBe('open')
})

test('BRK-2: a success of an earlier closed period does not clear failures of a later one', async () => {
  const { clock, breaker } = guard({ tripRule: consecutiveFailures(2) })
  const old = begin(breaker)
  await breakIt(breaker)
  await clock.advance(OPEN_MS)
  await breaker.run(works)
  await outcomeOf(() => breaker.run(fails))
  old.resolve('late')
  await old.outcome
  await outcomeOf(() => breaker.run(fails))
  expect(breaker.state).toBe('open')
})

test('BRK-2: what was counted before the opening is forgotten when it closes', async () => {
  const tripRule = failureRate({ threshold: 0.5, windowCalls: 10, minimumCalls: 4 })
  const { clock, breaker } = guard({ tripRule })
  await breakIt(breaker)
  await clock.advance(OPEN_MS)
  await breaker.run(works)
  await breakIt(breaker, 3)
  expect(breaker.state).toBe('closed')
  await breakIt(breaker, 1)
  expect(breaker.state).toBe('open')
})

test('BRK-5: 50 failures at once are one trip, one event and one open time, which none of them prolongs', async () => {
  const { clock, breaker } = guard({ tripRule: consecutiveFailures(5) })
  const edges = edgesOf(breaker)
  const calls = Array.from({ length: 100 }, () => begin(breaker))
  for (const call of calls.slice(0, 50)) call.reject(gone)
  await Promise.all(calls.slice(0, 50).map(({ outcome }) => outcome))
  expect(edges).toEqual(['closed>open'])
  expect(clock.timers).toBeLessThanOrEqual(1)
  await clock.advance(OPEN_MS / 2)
  for (const call of calls.slice(50)) call.reject(gone)
  await Promise.all(calls.map(({ outcome }) => outcome))
  expect(clock.timers).toBeLessThanOrEqual(1)
  await clock.advance(OPEN_MS / 2)
  expect(breaker.state).toBe('half-open')
  expect(edges).toEqual(['closed>open'])
})

test('BRK-6: windows do not grow with the calls in them', async () => {
  const { afterSome, afterMany } = JSON.parse(await runFixture('memory.ts', '--expose-gc')) as Record<
    string,
    number
  >
  expect(afterMany! - afterSome!).toBeLessThan(100_000)
})

test('BRK-6: a window of 300 000 calls that all failed overflows no stack', () => {
  const { breaker } = guard({
    tripRule: failureRate({ threshold: 1, windowCalls: 300_000, minimumCalls: 300_000 }),
  })
  for (let call = 1; call < 300_000; call += 1) breaker.tryAcquire()?.fail(gone)
  expect(breaker.state).toBe('closed')
  breaker.tryAcquire()?.fail(gone)
  expect(breaker.state).toBe('open')
})

test('BRK-7: refusing starts no timer, adds no listener, and its errors neither bear stacks nor chain', async () => {
  let started = 0
  class CountingClock extends FakeClock {
    override startTimer(task: () => void, delayMs: number, _options?: TimerOptions) {
      started += 1
      return super.startTimer(task, delayMs)
    }
  }
  const { breaker } = await guardOpen({ clock: new CountingClock(), timeoutMs: 1_000 })
  const { signal } = new AbortController()
  const startedBefore = started
  let error: unknown
  for (let call = 0; call < 10_000; call += 1) error = await errorOf(() => breaker.run(works, { signal }))
  expect(started).toBe(startedBefore)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect((error as Error).stack?.split('\n')).toHaveLength(1)
  expect((error as Error).cause).toBe(gone)
})

test('BRK-8: a million calls under one signal leave no listener and give no warning', async () => {
  vi.restoreAllMocks()
  const { signal } = new AbortController()
  const { breaker } = guard()
  const warnings = await warningsDuring(async () => {
    for (let batch = 0; batch < 10_000; batch += 1)
      await Promise.all(Array.from({ length: 100 }, () => breaker.run(works, { signal })))
  })
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(warnings).toEqual([])
})

test('BRK-9: permits that come back, twice or late, never make more of them', async () => {
  const { breaker } = await guardHalfOpen({ trials: 3, successesToClose: 100 })
  for (let round = 0; round < 20; round += 1) {
    const permits = Array.from({ length: 5 }, () => breaker.tryAcquire())
    expect(permits.filter((permit) => permit !== undefined)).toHaveLength(3)
    for (const permit of permits) {
      permit?.ignore()
      permit?.ignore()
    }
  }
  expect(breaker.state).toBe('half-open')
})

describe('BRK-10: a call inside a trial of the same breaker', () => {
  test('rides on its permit, however deep, and the trial closes', async () => {
    const { breaker } = await guardHalfOpen()
    const load = breaker.wrap(works)
    const nested = (): Promise<string> => breaker.run(() => breaker.run(async () => load()))
    expect(await breaker.run(nested)).toBe('ok')
    expect(breaker.state).toBe('closed')
    expect(breaker.counts).toMatchObject({ trials: 1, refused: 0 })
  })

  test('settles nothing: the trial itself does', async () => {
    const { breaker } = await guardHalfOpen()
    const trial = await outcomeOf(() =>
      breaker.run(async () => {
        await outcomeOf(() => breaker.run(fails))
        expect(breaker.state).toBe('half-open')
      }),
    )
    expect(trial).toBe('succeeded')
    expect(breaker.state).toBe('closed')
  })

  test('lets no stranger through beside it', async () => {
    const { clock, breaker } = await guardHalfOpen()
    const inner = begin(breaker, () => undefined)
    await clock.advance(0)
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    inner.resolve('ok')
    await inner.outcome
  })

  test('does not ride on the permit of a trial that has ended, though it began inside it', async () => {
    const { breaker } = await guardHalfOpen({ successesToClose: 2 })
    const goOn = pending<void>()
    const left: Promise<string>[] = []
    await breaker.run(async () => {
      left.push(goOn.promise.then(() => outcomeOf(() => breaker.run(works))))
    })
    const next = begin(breaker)
    goOn.resolve()
    expect(await Promise.all(left)).toEqual(['refused'])
    next.resolve('ok')
    await next.outcome
    expect(breaker.state).toBe('closed')
  })

  test('does not ride on a permit that was reclaimed: the next round has its own trial', async () => {
    const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: 500 })
    edgesOf(breaker)
    const hung = pending<void>()
    const stale = breaker.run(async () => {
      await hung.promise
      return outcomeOf(() => breaker.run(works))
    })
    await clock.advance(500 + 2 * OPEN_MS)
    const trial = begin(breaker)
    expect(breaker.state).toBe('half-open')
    hung.resolve()
    expect(await stale).toBe('refused')
    trial.resolve('ok')
    await trial.outcome
  })
})
