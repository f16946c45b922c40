import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { CircuitBreaker, consecutiveFailures } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { ReferenceBreaker, type Ending, type ReferenceOptions } from './reference.ts'
import { begin, errorOf, gone, guard, hangs, pending, type Begun, type Guarded } from './support.ts'

const RUNS = { numRuns: 200 }

type Act =
  | { readonly do: 'begin' }
  | { readonly do: 'end'; readonly which: number; readonly ending: Ending }
  | { readonly do: 'wait'; readonly ms: number }

const anEnding = fc.constantFrom<Ending>('succeeded', 'failed', 'failed', 'ignored')
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'begin' } as const) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20), ending: anEnding }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.oneof(fc.constantFrom(50, 99, 100, 200, 400, 500), fc.nat(1_000)),
      }),
    },
  ),
  { maxLength: 60 },
)

const options: fc.Arbitrary<ReferenceOptions> = fc.record({
  failures: fc.integer({ min: 1, max: 3 }),
  openMs: fc.constant(100),
  longestOpenMs: fc.constantFrom(100, 400, 500),
  trials: fc.integer({ min: 1, max: 3 }),
  successesToClose: fc.integer({ min: 1, max: 3 }),
  trialTimeoutMs: fc.constantFrom(50, 150, 1_000),
})

/** The breaker and its reference, living through the same story. */
class Twins {
  readonly clock = new FakeClock()
  readonly breaker: CircuitBreaker
  readonly #reference: ReferenceBreaker
  readonly #running: (Begun & { readonly id: number })[] = []
  #begun = 0
  #made = 0

  constructor({ failures, ...rest }: ReferenceOptions) {
    this.#reference = new ReferenceBreaker({ failures, ...rest })
    const isFailure = (error: unknown): boolean => error === gone
    this.breaker = new CircuitBreaker({
      name: 'twin',
      clock: this.clock,
      tripRule: consecutiveFailures(failures),
      isFailure,
      ...rest,
    })
    // Time alone acts only where somebody listens.
    this.breaker.on('circuit-changed', () => undefined)
  }

  async live(story: readonly Act[]): Promise<void> {
    for (const act of story) {
      await this.#act(act)
      expect(this.breaker.state).toBe(this.#reference.state)
    }
  }

  async #act(act: Act): Promise<void> {
    switch (act.do) {
      case 'begin':
        return this.#begin()
      case 'end':
        return this.#end(act.which, act.ending)
      case 'wait':
        this.#reference.wait(act.ms)
        return this.clock.advance(act.ms)
    }
  }

  async #begin(): Promise<void> {
    const id = (this.#begun += 1)
    const isExpected = this.#reference.begin(id)
    const before = this.#made
    const call = begin(this.breaker, () => (this.#made += 1))
    expect(this.#made - before).toBe(isExpected ? 1 : 0)
    if (isExpected) this.#running.push({ ...call, id })
    else expect(await call.outcome).toBe('refused')
  }

  async #end(which: number, ending: Ending): Promise<void> {
    const [call] = this.#running.splice(which % Math.max(1, this.#running.length), 1)
    if (call === undefined) return
    if (ending === 'succeeded') call.resolve('ok')
    else call.reject(ending === 'failed' ? gone : new RangeError('does not count'))
    expect(await call.outcome).toBe(ending === 'succeeded' ? 'succeeded' : 'failed')
    this.#reference.end(call.id, ending)
    await this.clock.advance(0)
  }
}

test('BRK-1, BRK-2, BRK-9, HO-1, HO-3, HO-4, HO-5: it admits, opens and closes as the reference, in any story', async () => {
  const property = fc.asyncProperty(options, acts, (given, story) => new Twins(given).live(story))
  await fc.assert(property, { numRuns: 1_000 })
})

type Way = 'value' | 'error' | 'ignored' | 'timeout' | 'cancel'

/** One call, and everything that it ended with. */
async function endsOf(way: Way, { clock, breaker }: Guarded) {
  const value = { way }
  const error = new Error(way)
  if (way === 'ignored') error.name = 'AbortError'
  const caller = new AbortController()
  const work = pending<unknown>()
  let runs = 0
  const ends: unknown[] = []
  const note = (end: unknown): unknown => ends.push(end)
  void breaker.run(() => ((runs += 1), work.promise), { signal: caller.signal }).then(note, note)
  await clock.advance(1)
  const end: Record<Way, () => unknown> = {
    value: () => work.resolve(value),
    error: () => work.reject(error),
    ignored: () => work.reject(error),
    timeout: () => clock.advance(100),
    cancel: () => caller.abort(error),
  }
  await end[way]()
  await clock.advance(0)
  work.resolve('late')
  caller.abort()
  await clock.advance(200)
  return { runs, ends, expected: way === 'value' ? value : error }
}

test('BRK-3: each call runs once, and ends once, with what its work, its time or its caller said', async () => {
  const ways = fc.array(fc.constantFrom<Way>('value', 'error', 'ignored', 'timeout', 'cancel'), {
    maxLength: 30,
  })
  const property = fc.asyncProperty(ways, async (story) => {
    const guarded = guard({ timeoutMs: 100, tripRule: consecutiveFailures(1_000) })
    for (const way of story) {
      const { runs, ends, expected } = await endsOf(way, guarded)
      expect([runs, ends.length]).toEqual([1, 1])
      if (way === 'timeout') expect(ends[0]).toMatchObject({ code: 'ERR_CALL_TIMEOUT' })
      else expect(ends[0]).toBe(expected)
    }
  })
  await fc.assert(property, RUNS)
})

test('BRK-13: the fallback is asked once for a call that was refused, failed or timed out, and never else', async () => {
  type Call = 'value' | 'error' | 'ignored' | 'timeout' | 'cancel'
  const story = fc.array(fc.constantFrom<Call>('value', 'error', 'ignored', 'timeout', 'cancel'), {
    maxLength: 40,
  })
  const property = fc.asyncProperty(story, async (calls) => {
    const fallback = vi.fn(() => 'fallback')
    const { clock, breaker } = guard({
      fallback,
      timeoutMs: 100,
      tripRule: consecutiveFailures(2),
      openMs: 300,
    })
    for (const call of calls) {
      fallback.mockClear()
      const refused = breaker.counts.refused
      const caller = new AbortController()
      const works: Record<Call, () => Promise<unknown>> = {
        value: async () => 'value',
        error: () => Promise.reject(gone),
        ignored: () => Promise.reject(new DOMException('stopped', 'AbortError')),
        timeout: hangs,
        cancel: hangs,
      }
      const answer = breaker.run(works[call], { signal: caller.signal })
      const ended = errorOf(() => answer)
      await clock.advance(1)
      if (call === 'cancel') caller.abort()
      await clock.advance(100)
      await ended
      const isAsked = breaker.counts.refused > refused || call === 'error' || call === 'timeout'
      expect(fallback).toHaveBeenCalledTimes(isAsked ? 1 : 0)
    }
  })
  await fc.assert(property, RUNS)
})
