import { describe, expect, test } from 'vitest'
import { consecutiveFailures } from '../../src/index.ts'
import { setUp } from '../support/setup.ts'
import {
  begin,
  breakIt,
  edgesOf,
  errorOf,
  fails,
  gone,
  guardHalfOpen,
  OPEN_MS,
  outcomeOf,
  pending,
  works,
} from './support.ts'

test.each([1, 2, 5])('HO-1: of 1000 callers at once in half-open, %i get through', async (trials) => {
  const { breaker } = await guardHalfOpen({ trials })
  let running = 0
  const work = pending<string>()
  const calls = Array.from({ length: 1_000 }, () =>
    outcomeOf(() =>
      breaker.run(() => {
        running += 1
        return work.promise
      }),
    ),
  )
  expect(running).toBe(trials)
  work.reject(gone)
  const outcomes = await Promise.all(calls)
  expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(1_000 - trials)
  expect(breaker.state).toBe('open')
})

test('HO-1: of callers who come one after the other, as many run at once as there are trials', async () => {
  const { breaker } = await guardHalfOpen({ trials: 2, successesToClose: 3 })
  const [first, second] = [begin(breaker), begin(breaker)]
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
  first.resolve('ok')
  await first.outcome
  const third = begin(breaker)
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
  second.resolve('ok')
  third.resolve('ok')
  await Promise.all([second.outcome, third.outcome])
  expect(breaker.state).toBe('closed')
})

test('HO-3: a trial ends at its deadline as failed, and no round lasts longer', async () => {
  const { clock, breaker } = await guardHalfOpen({ trials: 2, trialTimeoutMs: 500 })
  const edges = edgesOf(breaker)
  const first = begin(breaker)
  await clock.advance(300)
  const second = begin(breaker)
  await clock.advance(199)
  expect(breaker.state).toBe('half-open')
  await clock.advance(1)
  expect(edges).toEqual(['open>half-open', 'half-open>open'])
  first.resolve('late')
  second.resolve('late')
  expect([await first.outcome, await second.outcome]).toEqual(['succeeded', 'succeeded'])
  expect(breaker.state).toBe('open')
})

test('HO-3: a trial has as long as a call may take, where that is said', async () => {
  const { clock, breaker } = await guardHalfOpen({ timeoutMs: 200 })
  const permit = breaker.tryAcquire()
  expect(permit).toBeDefined()
  await clock.advance(200)
  expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
  expect(breaker.state).toBe('open')
})

test('HO-3: a trial of one call that may take longer than others still ends in time', async () => {
  const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: 500 })
  const edges = edgesOf(breaker)
  void errorOf(() => breaker.run(() => new Promise(() => {}), { timeoutMs: 60_000 }))
  await clock.advance(500)
  expect(edges).toEqual(['open>half-open', 'half-open>open'])
})

test('HO-4: each failed trial doubles the open time, up to the longest', async () => {
  const { clock, breaker } = await guardHalfOpen({ longestOpenMs: 5 * OPEN_MS })
  for (const expected of [2, 4, 5, 5]) {
    await outcomeOf(() => breaker.run(fails))
    expect(await errorOf(() => breaker.run(works))).toMatchObject({ retryAfterMs: expected * OPEN_MS })
    await clock.advance(expected * OPEN_MS)
  }
})

test('HO-4: the open time starts again once the circuit stayed closed for as long as it was open', async () => {
  const { clock, breaker } = await guardHalfOpen()
  await outcomeOf(() => breaker.run(fails))
  await clock.advance(2 * OPEN_MS)
  await breaker.run(works)
  await clock.advance(2 * OPEN_MS - 1)
  await breakIt(breaker)
  expect(await errorOf(() => breaker.run(works))).toMatchObject({ retryAfterMs: 4 * OPEN_MS })
  await clock.advance(4 * OPEN_MS)
  await breaker.run(works)
  await clock.advance(4 * OPEN_MS)
  await breakIt(breaker)
  expect(await errorOf(() => breaker.run(works))).toMatchObject({ retryAfterMs: OPEN_MS })
})

test('HO-4: it closes after so many successes, and one failure among them ends the round', async () => {
  const { clock, breaker } = await guardHalfOpen({ successesToClose: 3 })
  await breaker.run(works)
  await breaker.run(works)
  expect(breaker.state).toBe('half-open')
  await outcomeOf(() => breaker.run(fails))
  expect(breaker.state).toBe('open')
  await clock.advance(2 * OPEN_MS)
  for (const expected of ['half-open', 'half-open', 'closed']) {
    await breaker.run(works)
    expect(breaker.state).toBe(expected)
  }
})

test('HO-4: trials that end after their round count for nothing in the next one', async () => {
  const { clock, breaker } = await guardHalfOpen({ trials: 2, successesToClose: 2 })
  const [lost, overhanging] = [begin(breaker), begin(breaker)]
  lost.reject(gone)
  await lost.outcome
  await clock.advance(2 * OPEN_MS)
  const next = begin(breaker)
  overhanging.resolve('late')
  await overhanging.outcome
  next.resolve('ok')
  await next.outcome
  expect(breaker.state).toBe('half-open')
})

test('HO-4: a trial that fails after another has closed the circuit is late, and opens nothing', async () => {
  const { breaker } = await guardHalfOpen({ trials: 2 })
  const [good, late] = [begin(breaker), begin(breaker)]
  good.resolve('ok')
  await good.outcome
  late.reject(gone)
  expect(await late.outcome).toBe('failed')
  expect(breaker.state).toBe('closed')
  expect(breaker.counts.late).toBe(1)
})

describe('HO-5: a trial that says nothing gives its permit back', () => {
  const waysOut: [
    string,
    (breaker: Awaited<ReturnType<typeof guardHalfOpen>>['breaker']) => Promise<unknown>,
  ][] = [
    [
      'an error that does not count',
      (breaker) => breaker.run(() => Promise.reject(new DOMException('', 'AbortError'))),
    ],
    [
      'the same, thrown at once',
      async (breaker) =>
        breaker.wrap(() => {
          throw new DOMException('', 'AbortError')
        })(),
    ],
    [
      'a caller who gives up',
      (breaker) => {
        const caller = new AbortController()
        const call = breaker.run(() => new Promise(() => {}), { signal: caller.signal })
        caller.abort()
        return call
      },
    ],
    ['a permit that is ignored', async (breaker) => breaker.tryAcquire()?.ignore()],
  ]

  test.each(waysOut)('%s', async (_name, leave) => {
    const { breaker } = await guardHalfOpen()
    for (let round = 0; round < 5; round += 1) await outcomeOf(() => leave(breaker))
    expect(breaker.counts).toMatchObject({ trials: 5, ignored: 5 })
    expect(breaker.state).toBe('half-open')
    const trial = begin(breaker)
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    trial.resolve('ok')
    await trial.outcome
    expect(breaker.state).toBe('closed')
  })
})

test('HO-6: who is refused is refused at once, while the trial still runs', async () => {
  const { clock, breaker } = await guardHalfOpen()
  const trial = begin(breaker)
  const startedAt = clock.now()
  const error = await errorOf(() => breaker.run(works))
  expect(clock.now()).toBe(startedAt)
  expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: expect.any(Number) })
  trial.resolve('ok')
  await trial.outcome
})

test('HO-7: pings alone close a circuit that nobody calls', async () => {
  const { clock, service, monitor } = await setUp()
  const breaker = monitor.breaker('scripted', { tripRule: consecutiveFailures(1), openMs: OPEN_MS })
  await breakIt(breaker)
  await clock.advance(60_000)
  expect(breaker.state).toBe('closed')
  expect(service.calls.recover).toBe(1)
})

test('HO-7: calls alone close a circuit that nobody pings', async () => {
  const { breaker } = await guardHalfOpen()
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  expect(breaker.state).toBe('closed')
})
