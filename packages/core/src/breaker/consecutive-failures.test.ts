import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import { FakeClock } from '../testing/index.ts'
import { consecutiveFailures } from './consecutive-failures.ts'
import type { Tally } from './trip-rule.ts'

const clock = new FakeClock()

/** What the rule says after each outcome. */
function replies(tally: Tally, outcomes: readonly ('ok' | 'failed')[]): boolean[] {
  return outcomes.map((outcome) => (outcome === 'ok' ? tally.succeeded() : tally.failed()))
}

test('the last of so many failures in a row opens, not one earlier', () => {
  const tally = consecutiveFailures(3).start(clock)
  expect(replies(tally, ['failed', 'failed', 'failed'])).toEqual([false, false, true])
})

test('one success starts the count again', () => {
  const tally = consecutiveFailures(2).start(clock)
  expect(replies(tally, ['failed', 'ok', 'failed', 'ok', 'failed', 'failed'])).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ])
})

test('with 1 the first failure opens', () => {
  expect(consecutiveFailures(1).start(clock).failed()).toBe(true)
})

test('a success alone never opens, and the run is that of the last outcomes', () => {
  const outcomes = fc.array(fc.constantFrom('ok' as const, 'failed' as const), { maxLength: 60 })
  const property = fc.property(fc.integer({ min: 1, max: 6 }), outcomes, (failures, story) => {
    const expected = story.map((_, index) => {
      const run = story.slice(0, index + 1).reverse()
      const length = run.includes('ok') ? run.indexOf('ok') : run.length
      return length >= failures
    })
    expect(replies(consecutiveFailures(failures).start(clock), story)).toEqual(expected)
  })
  fc.assert(property)
})

test('a rule keeps no counts itself: each breaker, and each closed period, has its own', () => {
  const rule = consecutiveFailures(2)
  const [one, other] = [rule.start(clock), rule.start(clock)]
  expect([one.failed(), other.failed(), one.failed(), rule.start(clock).failed()]).toEqual([
    false,
    false,
    true,
    false,
  ])
})

test('two rules that say the same have the same description, others have not', () => {
  expect(consecutiveFailures(5).description).toBe(consecutiveFailures(5).description)
  expect(consecutiveFailures(5).description).not.toBe(consecutiveFailures(6).description)
})

test('no call is timed for it', () => {
  expect(consecutiveFailures(5).isSlow).toBeUndefined()
})

describe('refused', () => {
  test.each([0, -1, 1.5, NaN, Infinity, '5', null, undefined, [5], 2 ** 60])('%s', (failures) => {
    expect(() => consecutiveFailures(failures as number)).toThrow(InvalidOptionError)
    expect(() => consecutiveFailures(failures as number)).toThrow(
      /consecutiveFailures must be a whole number/,
    )
  })
})
