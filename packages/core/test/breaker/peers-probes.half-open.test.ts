import { expect, test } from 'vitest'
import { ServiceMonitor } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import {
  begin,
  breakIt,
  edgesOf,
  fails,
  gone,
  guard,
  guardHalfOpen,
  hangs,
  OPEN_MS,
  outcomeOf,
  works,
} from './support.ts'

const TRIAL_MS = 5_000

/** A call that began while the circuit was closed, which has opened, and is half-open by now. */
async function overhang() {
  const guarded = guard()
  const call = begin(guarded.breaker)
  await breakIt(guarded.breaker)
  await guarded.clock.advance(OPEN_MS)
  return { ...guarded, call }
}

test('a success that began before the opening closes nothing', async () => {
  const { breaker, call } = await overhang()
  call.resolve('late')
  expect(await call.outcome).toBe('succeeded')
  expect(breaker.state).toBe('half-open')
})

test('a success that began before the opening does not stand in for the trial that runs', async () => {
  const { breaker, call } = await overhang()
  const trial = begin(breaker)
  call.resolve('late')
  await call.outcome
  expect(breaker.state).toBe('half-open')
  trial.reject(gone)
  await trial.outcome
  expect(breaker.state).toBe('open')
})

test('a failure that began before the opening reopens nothing: the trial that succeeds closes', async () => {
  const { breaker, call } = await overhang()
  const trial = begin(breaker)
  call.reject(gone)
  expect(await call.outcome).toBe('failed')
  expect(breaker.state).toBe('half-open')
  trial.resolve('ok')
  await trial.outcome
  expect(breaker.state).toBe('closed')
  expect(breaker.counts.late).toBe(1)
})

test('a trial that never settles is given up at its deadline, and later another call gets through', async () => {
  const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: TRIAL_MS })
  void breaker.run(hangs)
  await clock.advance(TRIAL_MS)
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
  await clock.advance(2 * OPEN_MS)
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  expect(breaker.state).toBe('closed')
})

test('a trial through a wrapped function that never settles wedges nothing either', async () => {
  const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: TRIAL_MS })
  void breaker.wrap(hangs)()
  await clock.advance(TRIAL_MS)
  await outcomeOf(() => breaker.run(works))
  await clock.advance(2 * OPEN_MS)
  expect(await breaker.wrap(works)()).toBe('ok')
})

test('a trial of which nothing is said by its code is given up after 30 s all the same', async () => {
  const { clock, breaker } = await guardHalfOpen()
  breaker.tryAcquire()
  await clock.advance(30_000)
  await outcomeOf(() => breaker.run(works))
  await clock.advance(2 * OPEN_MS)
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
})

test('a trial that hangs does not shut the breaker of a service that nobody pings', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const breaker = monitor.breaker('quotes', { openMs: OPEN_MS, trialTimeoutMs: TRIAL_MS })
  await breakIt(breaker)
  await clock.advance(OPEN_MS)
  void breaker.run(hangs)
  await clock.advance(TRIAL_MS + 2 * OPEN_MS)
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  expect(breaker.state).toBe('closed')
})

test('a trial that fails with an ignored error does not close the circuit', async () => {
  const { breaker } = await guardHalfOpen({ isFailure: (error) => error === gone })
  const invalid = async (): Promise<never> => {
    throw new RangeError('not found')
  }
  expect(await outcomeOf(() => breaker.run(invalid))).toBe('failed')
  expect(breaker.state).toBe('half-open')
  expect(await outcomeOf(() => breaker.run(fails))).toBe('failed')
  expect(breaker.state).toBe('open')
})

test('1000 calls beside a trial that hangs are refused at once: none queues behind it', async () => {
  const { breaker } = await guardHalfOpen()
  void breaker.run(hangs)
  const calls = Array.from({ length: 1_000 }, () => outcomeOf(() => breaker.run(works)))
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['refused']))
})

test('after a call that timed out half-open still admits one call', async () => {
  const { clock, breaker } = guard({ timeoutMs: 100 })
  const late = outcomeOf(() => breaker.run(hangs))
  await clock.advance(100)
  await late
  await clock.advance(OPEN_MS)
  const edges = edgesOf(breaker)
  void outcomeOf(() => breaker.run(hangs))
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
  expect(edges).toEqual(['open>half-open'])
})

test('half-open admits one call again after a trial that timed out', async () => {
  const { clock, breaker } = await guardHalfOpen({ timeoutMs: 100 })
  void outcomeOf(() => breaker.run(hangs))
  await clock.advance(100 + 2 * OPEN_MS)
  void outcomeOf(() => breaker.run(hangs))
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
})
