import { describe, expect, test } from 'vitest'
import { CircuitOpenError, consecutiveFailures } from '../../src/index.ts'
import { fail, openTime, setUp, succeed, type Setup } from './support.ts'

const times = { openMs: 10_000, longestOpenMs: 60_000 }

/** How long each of so many openings in a row lasts. */
async function openTimes(setup: Setup, openings: number): Promise<number[]> {
  const lasted: number[] = []
  for (let opening = 0; opening < openings; opening += 1) {
    fail(setup.breaker)
    lasted.push(await openTime(setup))
  }
  return lasted
}

function retryAfter({ breaker }: Setup): number {
  try {
    breaker.call(() => 1)
  } catch (error) {
    if (error instanceof CircuitOpenError) return error.retryAfterMs
  }
  return 0
}

describe('the open time', () => {
  test('is 30 s by default, and 5 failures in a row open', () => {
    const setup = setUp({ tripRule: undefined as never })
    for (let call = 0; call < 4; call += 1) fail(setup.breaker)
    expect(setup.breaker.state).toBe('closed')
    fail(setup.breaker)
    expect([setup.breaker.state, retryAfter(setup)]).toEqual(['open', 30_000])
  })

  test('is over at elapsed >= it, not a moment earlier', async () => {
    const { breaker, clock } = setUp(times)
    fail(breaker)
    await clock.stall(9_999)
    expect([breaker.state, succeed(breaker)]).toEqual(['open', false])
    await clock.stall(1)
    expect([breaker.state, succeed(breaker), breaker.state]).toEqual(['half-open', true, 'closed'])
  })

  test('doubles with each reopening, up to the longest', async () => {
    expect(await openTimes(setUp(times), 6)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000])
  })

  test('doubles up to 300 s by default', async () => {
    expect(await openTimes(setUp(), 6)).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  })

  test('does not grow beyond an open time that is longer than that', async () => {
    expect(await openTimes(setUp({ openMs: 400_000 }), 3)).toEqual([400_000, 400_000, 400_000])
  })

  test('of exactly the longest never grows', async () => {
    expect(await openTimes(setUp({ openMs: 10_000, longestOpenMs: 10_000 }), 3)).toEqual([
      10_000, 10_000, 10_000,
    ])
  })

  test('failures that come together open once, and grow nothing', async () => {
    const setup = setUp(times)
    const edges: string[] = []
    setup.breaker.on('circuit-changed', ({ to }) => edges.push(to))
    const permits = Array.from({ length: 10 }, () => setup.breaker.tryAcquire())
    for (const permit of permits) permit?.fail(new Error('no answer'))
    expect([edges, await openTime(setup)]).toEqual([['open'], 10_000])
    expect(setup.breaker.counts.late).toBe(9)
  })
})

describe('how often it has opened is forgotten', () => {
  async function reopenedAndClosed(): Promise<Setup> {
    const setup = setUp(times)
    await openTimes(setup, 2)
    expect(succeed(setup.breaker)).toBe(true)
    return setup
  }

  test('once it stayed closed for as long as it was last open', async () => {
    const setup = await reopenedAndClosed()
    await setup.clock.stall(20_000)
    expect(await openTimes(setup, 2)).toEqual([10_000, 20_000])
  })

  test('not a moment earlier', async () => {
    const setup = await reopenedAndClosed()
    await setup.clock.stall(19_999)
    expect(await openTimes(setup, 1)).toEqual([40_000])
  })

  test('with a listener as without one', async () => {
    const setup = await reopenedAndClosed()
    setup.breaker.on('circuit-changed', () => undefined)
    await setup.clock.advance(20_000)
    expect(await openTimes(setup, 1)).toEqual([10_000])
  })
})

describe('how long the upstream asked to be left alone', () => {
  const askedBy = (asked: unknown) => ({ ...times, retryAfterMs: () => asked as number })

  test('becomes the open time', async () => {
    expect(await openTimes(setUp(askedBy(45_000)), 1)).toEqual([45_000])
  })

  test('also when that is shorter', async () => {
    expect(await openTimes(setUp(askedBy(3_000)), 1)).toEqual([3_000])
  })

  test('but never beyond the longest', async () => {
    expect(await openTimes(setUp(askedBy(86_400_000)), 1)).toEqual([60_000])
  })

  test('is told to those who are refused', () => {
    const setup = setUp(askedBy(45_000))
    fail(setup.breaker)
    expect(retryAfter(setup)).toBe(45_000)
  })

  test('counts for a trial that failed, if it is longer than the doubled time', async () => {
    const asked = [undefined, 50_000]
    const setup = setUp({ ...times, retryAfterMs: () => asked.shift() })
    expect(await openTimes(setup, 2)).toEqual([10_000, 50_000])
  })

  test('does not shorten the doubled time', async () => {
    const asked = [undefined, 1_000]
    const setup = setUp({ ...times, retryAfterMs: () => asked.shift() })
    expect(await openTimes(setup, 2)).toEqual([10_000, 20_000])
  })

  test('is asked of the error that opened', () => {
    const seen: unknown[] = []
    const setup = setUp({
      tripRule: consecutiveFailures(2),
      retryAfterMs: (error) => void seen.push(error),
    })
    const [first, second] = [new Error('first'), new Error('second')]
    fail(setup.breaker, first)
    fail(setup.breaker, second)
    expect(seen).toEqual([second])
  })

  test('is asked of the result that counted as a failure', () => {
    const setup = setUp({
      ...times,
      isFailureResult: (result) => (result as Response).status === 503,
      retryAfterMs: (result) => Number((result as Response).headers.get('retry-after')) * 1_000,
    })
    setup.breaker.call(() => new Response('busy', { status: 503, headers: { 'retry-after': '25' } }))
    expect(retryAfter(setup)).toBe(25_000)
  })

  test.each([undefined, null, 0, -1, NaN, 'soon', {}, 10n, Symbol('soon')])(
    'is not taken at its word when it says %s',
    async (asked) => {
      expect(await openTimes(setUp(askedBy(asked)), 1)).toEqual([10_000])
    },
  )

  test('Infinity keeps nothing open for ever', async () => {
    const [lasted = Infinity] = await openTimes(setUp(askedBy(Infinity)), 1)
    expect(lasted).toBeLessThanOrEqual(60_000)
  })

  test('changes nothing where the function throws', async () => {
    const setup = setUp({
      ...times,
      retryAfterMs: () => {
        throw new Error('of the function itself')
      },
    })
    expect(await openTimes(setup, 1)).toEqual([10_000])
  })
})

describe('trials', () => {
  test('so many in a row must succeed until it closes', async () => {
    const { breaker, clock } = setUp({ ...times, successesToClose: 3 })
    fail(breaker)
    await clock.stall(10_000)
    const states = Array.from({ length: 3 }, () => succeed(breaker) && breaker.state)
    expect(states).toEqual(['half-open', 'half-open', 'closed'])
  })

  test('one failure among them reopens', async () => {
    const { breaker, clock } = setUp({ ...times, successesToClose: 3 })
    fail(breaker)
    await clock.stall(10_000)
    succeed(breaker)
    fail(breaker)
    expect(breaker.state).toBe('open')
  })

  test('no more than so many at once', async () => {
    const { breaker, clock } = setUp({ ...times, trials: 2 })
    fail(breaker)
    await clock.stall(10_000)
    const permits = Array.from({ length: 4 }, () => breaker.tryAcquire())
    expect(permits.map((permit) => permit !== undefined)).toEqual([true, true, false, false])
  })

  test.each([
    ['its own time', { trialTimeoutMs: 5_000, timeoutMs: 8_000 }, 5_000],
    ['the time of calls', { timeoutMs: 8_000 }, 8_000],
    ['30 s', {}, 30_000],
  ])('one that does not end has failed after %s', async (_name, options, lateAfterMs) => {
    const { breaker, clock } = setUp({ ...times, ...options })
    fail(breaker)
    await clock.stall(10_000)
    breaker.tryAcquire()
    await clock.stall(lateAfterMs - 1)
    expect(breaker.state).toBe('half-open')
    await clock.stall(1)
    expect([succeed(breaker), breaker.state]).toEqual([false, 'open'])
  })
})

describe('the state is truthful without a call', () => {
  test('a hold that has expired is over', async () => {
    const { breaker, clock } = setUp(times)
    breaker.hold('open', { expiresInMs: 5_000 })
    await clock.stall(5_000)
    expect(breaker.state).toBe('closed')
  })

  test('a trial that is late has failed', async () => {
    const { breaker, clock } = setUp({ ...times, trialTimeoutMs: 5_000 })
    fail(breaker)
    await clock.stall(10_000)
    breaker.tryAcquire()
    await clock.stall(5_000)
    expect(breaker.state).toBe('open')
  })

  test.each([true, false])(
    'an open time counts from the moment at which the trial was late, whoever looks when (listener: %s)',
    async (isHeard) => {
      const { breaker, clock } = setUp({ ...times, trialTimeoutMs: 5_000 })
      if (isHeard) breaker.on('circuit-changed', () => undefined)
      fail(breaker)
      await clock.advance(10_000)
      breaker.tryAcquire()
      await clock.advance(3_600_000)
      expect([breaker.state, succeed(breaker)]).toEqual(['half-open', true])
    },
  )
})
