import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CallWindow } from './call-window.ts'

interface Plan {
  readonly size: number
  readonly minimumCalls: number
  /** The threshold as a fraction, so that the reference compares whole numbers. */
  readonly share: { readonly of: number; readonly failures: number }
  readonly outcomes: readonly boolean[]
}

/** Sizes round those at which the bits of one number are used up. */
const size = fc.oneof(fc.constantFrom(1, 2, 29, 30, 31, 59, 60, 61, 100), fc.integer({ min: 1, max: 130 }))
const share = fc
  .integer({ min: 1, max: 100 })
  .chain((of) => fc.record({ of: fc.constant(of), failures: fc.integer({ min: 1, max: of }) }))
/** Runs of one outcome fill and empty windows; single ones alone would seldom do. */
const outcomes = fc
  .array(
    fc.record({ failed: fc.boolean(), times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })) }),
    {
      maxLength: 20,
    },
  )
  .map((runs) => runs.flatMap(({ failed, times }) => new Array<boolean>(times).fill(failed)))

const plan: fc.Arbitrary<Plan> = size.chain((calls) =>
  fc.record({ size: fc.constant(calls), minimumCalls: fc.integer({ min: 1, max: calls }), share, outcomes }),
)

/** All that happened, looked at afresh each time. */
function expectedReplies({ size, minimumCalls, share, outcomes }: Plan): boolean[] {
  return outcomes.map((_, index) => {
    const seen = outcomes.slice(Math.max(0, index + 1 - size), index + 1)
    const failures = seen.filter((failed) => failed).length
    return seen.length >= minimumCalls && failures * share.of >= share.failures * seen.length
  })
}

function replies({ size, minimumCalls, share, outcomes }: Plan): boolean[] {
  const window = new CallWindow({ threshold: share.failures / share.of, minimumCalls }, size)
  return outcomes.map((failed) => (failed ? window.failed() : window.succeeded()))
}

test('it says what an exact count of the last so many calls says, whatever happens', () => {
  fc.assert(
    fc.property(plan, (each) => void expect(replies(each)).toEqual(expectedReplies(each))),
    { numRuns: 1_000 },
  )
})

function window(calls: number, threshold: number, minimumCalls = calls): CallWindow {
  return new CallWindow({ threshold, minimumCalls }, calls)
}

function succeed(tally: CallWindow, times: number): boolean {
  let isOpen = false
  for (let call = 0; call < times; call += 1) isOpen = tally.succeeded() || isOpen
  return isOpen
}

describe('a window of one call', () => {
  test('says what the last call says', () => {
    const tally = window(1, 1)
    expect([tally.succeeded(), tally.failed(), tally.succeeded(), tally.failed()]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})

describe.each([30, 31, 60, 100])('a window of %s calls', (calls) => {
  test('a failure counts for exactly so many calls', () => {
    const tally = window(calls, 2 / calls)
    succeed(tally, calls)
    tally.failed()
    expect(succeed(tally, calls - 2)).toBe(false)
    expect(tally.failed()).toBe(true)
  })

  test('one call later it is forgotten', () => {
    const tally = window(calls, 2 / calls)
    succeed(tally, calls)
    tally.failed()
    expect(succeed(tally, calls - 1)).toBe(false)
    expect(tally.failed()).toBe(false)
  })

  test('millions of successes before the first failure are no more than a full window of them', () => {
    const tally = window(calls, 2 / calls)
    succeed(tally, 1_000_003)
    expect([tally.failed(), tally.failed()]).toEqual([false, true])
  })
})

test('7 failures among the last 100 calls reach 0.07', () => {
  const tally = window(100, 0.07)
  succeed(tally, 500)
  const said = Array.from({ length: 7 }, () => tally.failed())
  expect(said).toEqual([false, false, false, false, false, false, true])
})
