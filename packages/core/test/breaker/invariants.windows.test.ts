import fc from 'fast-check'
import { expect, test } from 'vitest'
import { failureRate, type FailureRateOptions } from '../../src/index.ts'
import { gone, guard } from './support.ts'

const RUNS = { numRuns: 200 }

/** Whether the outcomes in a window, looked at one by one, are too many failures. */
function isReached(
  outcomes: readonly boolean[],
  { threshold, minimumCalls = 10 }: FailureRateOptions,
): boolean {
  const failures = outcomes.filter((isFailure) => isFailure).length
  return outcomes.length >= minimumCalls && failures > 0 && failures / outcomes.length >= threshold
}

const thresholds = fc.constantFrom(0.01, 0.07, 0.1, 1 / 3, 0.5, 0.7, 0.99, 1)

test('BRK-4: a window of calls opens exactly when the last so many say so', () => {
  const property = fc.property(
    thresholds,
    fc.integer({ min: 1, max: 70 }),
    fc.nat(69),
    fc.array(fc.boolean(), { maxLength: 300 }),
    (threshold, windowCalls, lessCalls, outcomes) => {
      const minimumCalls = Math.max(1, windowCalls - lessCalls)
      const rule = { threshold, windowCalls, minimumCalls }
      const { breaker } = guard({ tripRule: failureRate(rule) })
      for (let call = 1; call <= outcomes.length && breaker.state === 'closed'; call += 1) {
        const permit = breaker.tryAcquire()
        if (outcomes[call - 1] === true) permit?.fail(gone)
        else permit?.succeed()
        const window = outcomes.slice(Math.max(0, call - windowCalls), call)
        expect(breaker.state).toBe(isReached(window, rule) ? 'open' : 'closed')
      }
    },
  )
  fc.assert(property, { numRuns: 500 })
})

test('BRK-4: a window of time opens when its calls say so, to within a tenth of it', async () => {
  const windowMs = 1_000
  const steps = fc.array(
    fc.record({
      waitMs: fc.constantFrom(0, 1, 10, 99, 100, 101, 350, 900, 1_000, 5_000),
      isFailure: fc.boolean(),
    }),
    { maxLength: 80 },
  )
  const property = fc.asyncProperty(
    thresholds,
    fc.integer({ min: 1, max: 8 }),
    steps,
    async (threshold, minimumCalls, story) => {
      const rule = { threshold, windowMs, minimumCalls }
      const { clock, breaker } = guard({ tripRule: failureRate(rule), openMs: 60_000 })
      const calls: { readonly at: number; readonly isFailure: boolean }[] = []
      for (const { waitMs, isFailure } of story) {
        if (breaker.state !== 'closed') return
        await clock.stall(waitMs)
        calls.push({ at: clock.now(), isFailure })
        const permit = breaker.tryAcquire()
        if (isFailure) permit?.fail(gone)
        else permit?.succeed()
        // Calls of the oldest tenth may be in or out, the older of them out first.
        const ages = calls.map(({ at }) => clock.now() - at)
        const surely = ages.findIndex((age) => age <= 0.9 * windowMs)
        const possibly = ages.findIndex((age) => age < windowMs)
        const windows = Array.from({ length: surely - possibly + 1 }, (_, more) =>
          calls.slice(possibly + more),
        )
        const verdicts = windows.map((window) =>
          isReached(
            window.map((call) => call.isFailure),
            rule,
          ),
        )
        expect(verdicts.map((isOpen) => (isOpen ? 'open' : 'closed'))).toContain(breaker.state)
      }
    },
  )
  await fc.assert(property, RUNS)
})

test('BRK-4: calls that took too long count as failures, once, whether they failed or not', async () => {
  const story = fc.array(
    fc.record({ tookMs: fc.constantFrom(0, 49, 50, 51, 200), isFailure: fc.boolean() }),
    {
      maxLength: 60,
    },
  )
  const rule = { threshold: 0.5, windowCalls: 10, minimumCalls: 5, slowCallMs: 50 }
  const property = fc.asyncProperty(story, async (calls) => {
    const { clock, breaker } = guard({ tripRule: failureRate(rule), openMs: 60_000 })
    const outcomes: boolean[] = []
    for (const { tookMs, isFailure } of calls) {
      if (breaker.state !== 'closed') return
      const permit = breaker.tryAcquire()
      await clock.stall(tookMs)
      if (isFailure) permit?.fail(gone)
      else permit?.succeed()
      outcomes.push(isFailure || tookMs >= 50)
      expect(breaker.state).toBe(isReached(outcomes.slice(-10), rule) ? 'open' : 'closed')
    }
  })
  await fc.assert(property, RUNS)
})

test('BRK-4: minimumCalls counts in closed alone: one failed trial reopens, however few calls there were', async () => {
  const { clock, breaker } = guard({
    tripRule: failureRate({ threshold: 0.5, windowCalls: 20, minimumCalls: 20 }),
  })
  for (let call = 0; call < 20; call += 1) breaker.tryAcquire()?.fail(gone)
  expect(breaker.state).toBe('open')
  await clock.advance(1_000)
  breaker.tryAcquire()?.fail(gone)
  expect(breaker.state).toBe('open')
})
