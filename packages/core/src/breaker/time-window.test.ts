import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { TimeWindow } from './time-window.ts'

const HOUR = 3_600_000

interface Happening {
  readonly afterMs: number
  readonly failed: boolean
}

interface Plan {
  readonly windowMs: number
  readonly minimumCalls: number
  readonly share: { readonly of: number; readonly failures: number }
  readonly story: readonly Happening[]
}

const share = fc
  .integer({ min: 1, max: 20 })
  .chain((of) => fc.record({ of: fc.constant(of), failures: fc.integer({ min: 1, max: of }) }))

/** Steps of all sizes, as they lie to the window: within a slice, to its edges, past the whole of it, idle hours. */
function steps(windowMs: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: Math.ceil(windowMs / 10) }),
    fc.integer({ min: 0, max: windowMs }),
    fc.constantFrom(
      windowMs / 10,
      (windowMs * 9) / 10,
      windowMs,
      windowMs + 1,
      2 * windowMs,
      HOUR,
      24 * HOUR,
    ),
  )
}

const plan: fc.Arbitrary<Plan> = fc.constantFrom(10, 100, 999, 1_000, 10_000, 60_000).chain((windowMs) =>
  fc.record({
    windowMs: fc.constant(windowMs),
    minimumCalls: fc.integer({ min: 1, max: 6 }),
    share,
    story: fc.array(fc.record({ afterMs: steps(windowMs), failed: fc.boolean() }), { maxLength: 60 }),
  }),
)

interface Stamped {
  readonly at: number
  readonly failed: boolean
}

/**
 * The window is exact to within a tenth: what it says must be what an exact window says that begins somewhere in the
 * oldest tenth. Whatever is older than the window must be forgotten, whatever is younger than nine tenths must not.
 */
function admissibleReplies({ windowMs, minimumCalls, share }: Plan, seen: readonly Stamped[]): Set<boolean> {
  const now = seen.at(-1)?.at ?? 0
  const age = ({ at }: Stamped): number => now - at
  const maybe = seen.filter((call) => age(call) < windowMs + 1e-6)
  const firstCertain = maybe.findIndex((call) => age(call) < windowMs * 0.9 - 1e-6)
  const replies = new Set<boolean>()
  for (let first = 0; first <= firstCertain; first += 1) {
    const calls = maybe.slice(first)
    const failures = calls.filter(({ failed }) => failed).length
    replies.add(calls.length >= minimumCalls && failures * share.of >= share.failures * calls.length)
  }
  return replies
}

test('it says what an exact window says, to within a tenth of it, whatever happens', async () => {
  const property = fc.asyncProperty(plan, async (each) => {
    const clock = new FakeClock()
    const { windowMs, minimumCalls, share, story } = each
    const window = new TimeWindow({ threshold: share.failures / share.of, minimumCalls }, windowMs, clock)
    const seen: Stamped[] = []
    for (const { afterMs, failed } of story) {
      await clock.stall(afterMs)
      seen.push({ at: clock.now(), failed })
      expect(admissibleReplies(each, seen)).toContain(failed ? window.failed() : window.succeeded())
    }
  })
  await fc.assert(property, { numRuns: 1_000 })
})

interface Setup {
  readonly clock: FakeClock
  readonly window: TimeWindow
}

function setUp({ windowMs = 10_000, threshold = 0.5, minimumCalls = 2 } = {}): Setup {
  const clock = new FakeClock()
  return { clock, window: new TimeWindow({ threshold, minimumCalls }, windowMs, clock) }
}

describe('what is old is forgotten', () => {
  test.each([10_000, 20_000, 100_000, HOUR, 24 * HOUR, 1_000 * HOUR])(
    'a failure of %s ms ago, though nobody came by meanwhile',
    async (idleMs) => {
      const { clock, window } = setUp({ threshold: 1 })
      window.failed()
      await clock.stall(idleMs)
      expect(window.failed()).toBe(false)
      expect(window.failed()).toBe(true)
    },
  )

  test('successes too: they do not hide a storm for ever', async () => {
    const { clock, window } = setUp({ threshold: 1 })
    for (let call = 0; call < 1_000; call += 1) window.succeeded()
    await clock.stall(10_000)
    expect([window.failed(), window.failed()]).toEqual([false, true])
  })

  test('and the minimum begins again', async () => {
    const { clock, window } = setUp({ minimumCalls: 3 })
    window.failed()
    window.failed()
    await clock.stall(10_000)
    expect([window.failed(), window.failed(), window.failed()]).toEqual([false, false, true])
  })
})

test('what is younger than nine tenths of the window counts', async () => {
  const { clock, window } = setUp({ threshold: 1 })
  await clock.stall(777)
  window.failed()
  await clock.stall(8_999)
  expect(window.failed()).toBe(true)
})

test('a success opens when an older success has just left the window', async () => {
  const { clock, window } = setUp({ threshold: 0.6, minimumCalls: 3 })
  for (let call = 0; call < 3; call += 1) window.succeeded()
  await clock.stall(5_000)
  for (let call = 0; call < 3; call += 1) window.failed()
  await clock.stall(5_000)
  expect(window.succeeded()).toBe(true)
})

/** A clock of which only one way of reading works. */
function clockWithout(way: 'now' | 'coarseNow'): FakeClock {
  const clock = new FakeClock()
  clock[way] = () => expect.unreachable(`${way} must not be read`)
  return clock
}

describe('which clock is read', () => {
  test('the coarse one, if a tenth of the window is no less than its tick: the exact one costs too much', () => {
    const window = new TimeWindow({ threshold: 1, minimumCalls: 1 }, 1_000, clockWithout('now'))
    expect([window.succeeded(), window.failed()]).toEqual([false, false])
  })

  test('the exact one for short windows', () => {
    const window = new TimeWindow({ threshold: 1, minimumCalls: 1 }, 999, clockWithout('coarseNow'))
    expect([window.succeeded(), window.failed()]).toEqual([false, false])
  })
})
