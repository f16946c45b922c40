import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, type CircuitBreaker, type CircuitSnapshot } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { fail, openTime, setUp, succeed, type Setup } from './support.ts'

const times = { openMs: 10_000, longestOpenMs: 60_000, trialTimeoutMs: 5_000 }
const LONG = 400_000

/** A clock of another process, which began elsewhere; the wall clock goes on. */
function laterClock(clock: FakeClock, pausedMs: number): FakeClock {
  const later = new FakeClock(50_000_000)
  later.moveWall(clock.wallNow() - later.wallNow() + pausedMs)
  return later
}

function throughJson(breaker: CircuitBreaker): CircuitSnapshot {
  return JSON.parse(JSON.stringify(breaker.snapshot())) as CircuitSnapshot
}

/** The same breaker in a later process. */
function restarted({ breaker, clock }: Setup, pausedMs = 0): Setup {
  return setUp({ ...times, snapshot: throughJson(breaker) }, laterClock(clock, pausedMs))
}

function opened(): Setup {
  const setup = setUp(times)
  fail(setup.breaker, new Error('no answer'))
  return setup
}

describe('through JSON and a restart', () => {
  test('closed stays closed', () => {
    const { breaker } = restarted(setUp(times))
    expect([breaker.state, succeed(breaker)]).toEqual(['closed', true])
  })

  test('open stays open for the rest of its time', async () => {
    const setup = opened()
    await setup.clock.stall(4_000)
    expect(await openTime(restarted(setup))).toBe(6_000)
    expect(await openTime(restarted(setup, 5_000))).toBe(1_000)
  })

  test('open whose time passed meanwhile takes trials at once, and closes', () => {
    const { breaker } = restarted(opened(), 10_000)
    expect([breaker.state, succeed(breaker), breaker.state]).toEqual(['half-open', true, 'closed'])
  })

  test('half-open takes trials at once: those of the other process are gone with it', async () => {
    const setup = opened()
    await setup.clock.stall(10_000)
    setup.breaker.tryAcquire()
    const { breaker } = restarted(setup)
    expect([breaker.state, succeed(breaker), breaker.state]).toEqual(['half-open', true, 'closed'])
  })

  test('the open time goes on doubling', async () => {
    const first = opened()
    await openTime(first)
    fail(first.breaker)
    const second = restarted(first)
    expect(await openTime(second)).toBe(20_000)
    fail(second.breaker)
    expect(await openTime(restarted(second))).toBe(40_000)
  })

  test('and is forgotten if it stayed closed for long enough, in both processes together', async () => {
    const first = opened()
    await openTime(first)
    succeed(first.breaker)
    await first.clock.stall(4_000)
    const second = restarted(first, 3_000)
    await second.clock.stall(3_000)
    fail(second.breaker)
    expect(await openTime(second)).toBe(10_000)
  })

  test('an answer of the earlier process moves nothing in the later one', () => {
    const setup = setUp(times)
    const permit = setup.breaker.tryAcquire()
    const later = restarted(setup)
    permit?.fail(new Error('no answer'))
    expect(later.breaker.state).toBe('closed')
  })

  test('it can be stored again and again', () => {
    const once = restarted(opened())
    expect(restarted(once).breaker.snapshot()).toEqual(once.breaker.snapshot())
  })
})

describe('a hold survives', () => {
  function held(kind: 'open' | 'closed' | 'observe', expiresInMs?: number): Setup {
    const setup = opened()
    setup.breaker.hold(kind, {
      reason: 'moving house',
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    })
    return setup
  }

  test.each([
    ['open', false],
    ['closed', true],
    ['observe', true],
  ] as const)('on %s', (kind, passes) => {
    expect(succeed(restarted(held(kind)).breaker)).toBe(passes)
  })

  test('and its reason is told when it ends', () => {
    const { breaker } = restarted(held('open'))
    const reasons: unknown[] = []
    breaker.on('hold-changed', ({ reason }) => reasons.push(reason))
    breaker.unhold()
    expect(reasons).toEqual(['moving house'])
  })

  test('until it expires, and no longer; the circuit beneath has gone on', async () => {
    const { breaker, clock } = restarted(held('open', 15_000), 5_000)
    await clock.stall(9_999)
    expect(succeed(breaker)).toBe(false)
    await clock.stall(1)
    expect([succeed(breaker), breaker.state]).toEqual([true, 'closed'])
  })

  test('not when it expired meanwhile', () => {
    expect(succeed(restarted(held('open', 15_000), 15_000).breaker)).toBe(true)
  })
})

describe('a wall clock that went back meanwhile', () => {
  test.each([-1, -3_600_000, -1e12])('by %s ms counts as no time', async (byMs) => {
    expect(await openTime(restarted(opened(), byMs))).toBe(10_000)
  })

  test('does not prolong a hold either', async () => {
    const setup = setUp(times)
    setup.breaker.hold('open', { expiresInMs: 5_000 })
    const { breaker, clock } = restarted(setup, -3_600_000)
    await clock.stall(5_000)
    expect(succeed(breaker)).toBe(true)
  })

  test('within one process, changes nothing at all', async () => {
    const setup = opened()
    setup.clock.moveWall(-86_400_000)
    expect(await openTime(setup)).toBe(10_000)
  })
})

describe('no secret is stored', () => {
  test('of an error', () => {
    const { breaker } = setUp(times)
    fail(breaker, new Error('cannot reach postgres://app:hunter2@db.internal/shop'))
    expect(JSON.stringify(breaker.snapshot())).not.toContain('hunter2')
  })

  test.each(['reason', 'author'])('of the %s of a hold', (option) => {
    const { breaker } = setUp(times)
    breaker.hold('open', { [option]: 'moving to postgres://app:hunter2@db.internal/shop' })
    expect(JSON.stringify(breaker.snapshot())).not.toContain('hunter2')
  })

  test('and every text is of 256 characters at the most', () => {
    const { breaker } = setUp(times)
    breaker.hold('open', { reason: 'long '.repeat(1_000) })
    const { hold, outage } = breaker.snapshot()
    expect(hold?.reason?.length).toBeLessThanOrEqual(256)
    expect(outage?.error.message.length).toBeLessThanOrEqual(256)
  })
})

/** Whether anything of it was taken. */
function madeFrom(snapshot: unknown): Setup | undefined {
  try {
    return setUp({ ...times, snapshot: snapshot as CircuitSnapshot })
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    expect(error).toMatchObject({ option: 'snapshot' })
    return undefined
  }
}

/** Refused, or it behaves: it can be stored, an operator can end its hold, and it closes when all is well. */
async function expectSane(snapshot: unknown): Promise<void> {
  const setup = madeFrom(snapshot)
  if (setup === undefined) return
  const { breaker, clock } = setup
  expect(['closed', 'open', 'half-open']).toContain(breaker.state)
  expect(madeFrom(throughJson(breaker))).toBeDefined()
  breaker.unhold()
  succeed(breaker)
  await clock.stall(LONG)
  expect([succeed(breaker), breaker.state]).toEqual([true, 'closed'])
  await clock.stall(LONG)
  fail(breaker)
  expect(await openTime(setup)).toBe(10_000)
}

const whole = {
  version: 1,
  takenAt: Date.UTC(2026, 0, 1),
  circuit: 'open',
  forMs: 1_000,
  openMs: 10_000,
  openings: 1,
  hold: { kind: 'open', reason: 'moving house', author: 'ada', expiresInMs: 5_000 },
  outage: { forMs: 1_000, cause: 'calls', error: { name: 'Error', message: 'no answer' } },
}

/** Places in it, down to the leaves. */
const PLACES = Object.entries(whole).flatMap(([key, value]) => [
  [key],
  ...(typeof value === 'object' ? Object.keys(value).map((inner) => [key, inner]) : []),
])

const oddities = fc.constantFrom<unknown>(
  ...[null, 0, -1, 1e308, -1e308, 5e-324, 0.5, 2 ** 53, '', 'open', 'closed', 'half-open', true, [], {}],
  ...[
    ['calls'],
    { toString: null, valueOf: null },
    { toString: 'calls' },
    JSON.parse('{"__proto__":{"kind":"open"}}'),
  ],
)
const anyJson = fc.oneof(fc.jsonValue(), oddities)

function withChange(base: object, [first = '', second]: readonly string[], value: unknown): object {
  const inner: unknown = Reflect.get(base, first)
  const isDeep = second !== undefined && typeof inner === 'object' && inner !== null
  return { ...base, [first]: isDeep ? { ...inner, [second]: value } : value }
}

describe('a snapshot that is garbage', () => {
  test('the whole one that is spoilt below is taken', () => {
    expect(madeFrom(whole)).toBeDefined()
  })

  test('any JSON is refused, or makes a breaker that works', async () => {
    await fc.assert(fc.asyncProperty(fc.jsonValue(), expectSane), { numRuns: 300 })
  })

  test('also when only some of it is spoilt', async () => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...PLACES), anyJson), { minLength: 1, maxLength: 4 })
    const spoilt = changes.map((each) =>
      each.reduce((base, [place, value]) => withChange(base, place, value), whole as object),
    )
    await fc.assert(fc.asyncProperty(spoilt, expectSane), { numRuns: 1_500 })
  })

  test.each(PLACES.map((place) => place.join('.')))('%s that cannot be made a text', async (place) => {
    await expectSane(withChange(whole, place.split('.'), { toString: null, valueOf: null }))
  })

  test.each([
    ['nothing at all', null],
    ['a text', JSON.stringify(whole)],
    ['another version', { ...whole, version: 2 }],
    ['a state of another library', { ...whole, circuit: 'half-open' }],
    ['a time that is none', { ...whole, takenAt: '2026-01-01' }],
    ['a hold of no kind', { ...whole, hold: {} }],
  ])('is refused: %s', (_name, snapshot) => {
    expect(madeFrom(snapshot)).toBeUndefined()
  })

  test.each([0, 5e-324, 0.001])('an open time of %s does not let every call be a trial', (openMs) => {
    const setup = madeFrom({ ...whole, hold: undefined, openMs })
    if (setup === undefined) return
    fail(setup.breaker)
    expect([setup.breaker.state, succeed(setup.breaker)]).toEqual(['open', false])
  })

  test('an open time beyond the longest is cut', async () => {
    const setup = madeFrom({ ...whole, hold: undefined, openMs: 1e12 })
    expect(setup && (await openTime(setup))).toBe(59_000)
  })

  test('a time in the future counts as none', async () => {
    const setup = madeFrom({ ...whole, hold: undefined, takenAt: 8e15 })
    expect(setup && (await openTime(setup))).toBe(9_000)
  })
})
