import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  consecutiveFailures,
  type BreakerOptions,
  type CircuitBreaker,
  type CircuitName,
  type HoldKind,
  type TripRule,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'
import {
  breakIt,
  errorOf,
  fails,
  gone,
  guard,
  guardHalfOpen,
  guardOpen,
  OPEN_MS,
  outcomeOf,
  works,
} from './support.ts'

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

describe('BRK-11: without any timer', () => {
  test('an open circuit becomes half-open, closes, and forgets how often it opened', async () => {
    const { clock, breaker } = await guardOpen()
    expect(clock.timers).toBe(0)
    await clock.stall(OPEN_MS)
    expect(breaker.state).toBe('half-open')
    await breaker.run(works)
    await clock.stall(OPEN_MS)
    await breakIt(breaker)
    expect(await errorOf(() => breaker.run(works))).toMatchObject({ retryAfterMs: OPEN_MS })
    expect(clock.timers).toBe(0)
  })

  test('a trial that hangs is over at its deadline, whenever somebody looks', async () => {
    const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: 500 })
    breaker.tryAcquire()
    await clock.stall(500)
    expect(breaker.state).toBe('open')
    await clock.stall(2 * OPEN_MS)
    expect(breaker.state).toBe('half-open')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test('a hold that has expired is over, whenever somebody looks', async () => {
    const { clock, breaker } = guard()
    breaker.hold('open', { expiresInMs: 500 })
    await clock.stall(500)
    expect(breaker.state).toBe('closed')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test('whether somebody listens makes no difference to calls', async () => {
    const outcomes = await Promise.all(
      [true, false].map(async (isHeard) => {
        const { clock, breaker } = await guardHalfOpen({ trialTimeoutMs: 500 })
        if (isHeard) breaker.on('circuit-changed', () => undefined)
        breaker.tryAcquire()
        await clock.advance(500 + 2 * OPEN_MS)
        return outcomeOf(() => breaker.run(works))
      }),
    )
    expect(outcomes).toEqual(['succeeded', 'succeeded'])
  })
})

type Act = 'ping' | 'dead' | 'trip' | 'unhold' | HoldKind

/** A service, its breaker and its operator, living through a random story. */
class HeldWorld {
  readonly #world: Awaited<ReturnType<typeof setUp>>
  readonly #breaker: CircuitBreaker
  #hold: HoldKind | 'none' = 'none'
  /** What the last ping said; undefined since calls have said something else. */
  #lastPing: 'ping' | 'dead' | undefined = 'ping'

  constructor(world: Awaited<ReturnType<typeof setUp>>) {
    this.#world = world
    this.#breaker = world.monitor.breaker('scripted', { tripRule: consecutiveFailures(1), openMs: 1 })
  }

  async live(acts: readonly Act[]): Promise<void> {
    for (const act of acts) {
      await this.#act(act)
      await this.#world.clock.advance(0)
      expect(this.#world.monitor.health().services['scripted']?.hold).toBe(this.#hold)
      expect(this.#breaker.state).toBe(this.#expected ?? this.#breaker.state)
    }
    await this.#world.monitor.close()
  }

  get #expected(): CircuitName | undefined {
    if (this.#hold === 'open') return 'open'
    if (this.#hold === 'closed') return 'closed'
    // It freezes the failover where it stands, which may be away from the service.
    if (this.#hold === 'observe') return undefined
    return this.#lastPing && (this.#lastPing === 'ping' ? 'closed' : 'open')
  }

  async #act(act: Act): Promise<void> {
    switch (act) {
      case 'ping':
      case 'dead':
        return this.#ping(act)
      case 'trip':
        this.#lastPing = undefined
        return void (await outcomeOf(() => this.#breaker.run(fails)))
      case 'unhold':
        this.#hold = 'none'
        return this.#breaker.unhold()
      default:
        this.#hold = act
        return this.#breaker.hold(act)
    }
  }

  /** Long enough for a ping of a service that is up. */
  async #ping(result: 'ping' | 'dead'): Promise<void> {
    this.#world.service.scripts.ping = result === 'ping' ? 'ok' : gone
    await this.#world.clock.advance(500_000)
    this.#lastPing = result
  }
}

test('BRK-12: closed means that nobody holds it open and no evidence is against it; automatics end no hold', async () => {
  const story = fc.array(
    fc.constantFrom<Act>('ping', 'dead', 'trip', 'unhold', 'open', 'closed', 'observe'),
    { maxLength: 25 },
  )
  const property = fc.asyncProperty(story, async (acts) => new HeldWorld(await setUp()).live(acts))
  await fc.assert(property, { numRuns: 100 })
})

describe('BRK-14: what the user gave throws, and the trial is settled all the same', () => {
  const bug = (): never => {
    throw new Error('bug')
  }
  const brokenTally: TripRule = {
    description: 'broken tally',
    start: () => ({ succeeded: bug, failed: bug }),
  }
  const brokenStart: TripRule = { description: 'broken start', start: bug }
  const brokenTimer: TripRule = {
    ...consecutiveFailures(1),
    description: 'broken timer',
    isSlow: bug,
    start: () => consecutiveFailures(1).start(new FakeClock()),
  }
  const cases: [string, BreakerOptions][] = [
    ['isFailure', { isFailure: bug }],
    ['isFailureResult', { isFailureResult: bug }],
    ['retryAfterMs', { retryAfterMs: bug }],
    ['fallback', { fallback: bug }],
    ['isSlow', { tripRule: brokenTimer }],
  ]

  test.each(cases)('%s', async (_name, options) => {
    for (const [work, state] of [
      [works, 'closed'],
      [fails, 'open'],
    ] as const) {
      const { breaker } = await guardHalfOpen(options)
      await outcomeOf(() => breaker.run<unknown>(work))
      expect(breaker.state).toBe(state)
    }
  })

  test.each([brokenTally, brokenStart])('trip rule: $description', async (tripRule) => {
    const { breaker } = guard({ tripRule })
    expect(await breaker.run(works)).toBe('ok')
    expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    expect(breaker.state).toBe('closed')
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })

  test('listener', async () => {
    const { breaker } = await guardHalfOpen()
    breaker.on('circuit-changed', bug)
    expect(await breaker.run(works)).toBe('ok')
    expect(breaker.state).toBe('closed')
  })
})
