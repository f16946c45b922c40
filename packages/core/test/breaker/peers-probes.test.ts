import { expect, test, vi } from 'vitest'
import {
  CallTimeoutError,
  CircuitBreaker,
  CircuitOpenError,
  consecutiveFailures,
  failureRate,
  type CallContext,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import {
  breakIt,
  edgesOf,
  errorOf,
  fails,
  gone,
  guard,
  guardHalfOpen,
  guardOpen,
  hangs,
  OPEN_MS,
  outcomeOf,
  warningsDuring,
  works,
} from './support.ts'

test('a guarded sync function that returns undefined succeeds', () => {
  const { breaker } = guard()
  const touch = breaker.wrap((): void => undefined)
  expect(touch()).toBeUndefined()
  expect(breaker.state).toBe('closed')
})

test('a listener that throws when the circuit closes leaves the good call good and the circuit closed', async () => {
  const { breaker } = await guardHalfOpen()
  vi.spyOn(process, 'emitWarning').mockReturnValue()
  breaker.on('circuit-changed', () => {
    throw new Error('listener bug')
  })
  expect(await breaker.run(works)).toBe('ok')
  expect(breaker.state).toBe('closed')
})

test('a listener that rejects is no unhandled rejection, and no failure of the call', async () => {
  const { breaker } = await guardHalfOpen()
  vi.spyOn(process, 'emitWarning').mockReturnValue()
  breaker.on('circuit-changed', async () => {
    throw new Error('async listener bug')
  })
  expect(await breaker.run(works)).toBe('ok')
  expect(breaker.state).toBe('closed')
})

test('1000 refused calls do not dilute the failure rate', async () => {
  const { clock, breaker } = guard({ tripRule: failureRate({ threshold: 0.5, windowCalls: 10 }) })
  await breakIt(breaker)
  for (let call = 0; call < 1_000; call += 1) await outcomeOf(() => breaker.run(works))
  expect(breaker.counts.refused).toBe(1_000)
  await clock.advance(OPEN_MS)
  await breaker.run(works)
  expect(breaker.state).toBe('closed')
  await breakIt(breaker, 10)
  expect(breaker.state).toBe('open')
})

test('a call that takes too long aborts its own signal, and not that of a younger call', async () => {
  const { clock, breaker } = guard({ timeoutMs: 100, tripRule: consecutiveFailures(10) })
  const signals: AbortSignal[] = []
  const hang = ({ signal }: CallContext): Promise<never> => {
    signals.push(signal)
    return hangs()
  }
  const older = outcomeOf(() => breaker.run(hang))
  await clock.advance(50)
  void outcomeOf(() => breaker.run(hang))
  await clock.advance(50)
  expect(await older).toBe('failed')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})

test('1000 breakers with windows, timeouts, listeners and one signal give no warning of leaking listeners', async () => {
  const { signal } = new AbortController()
  const clock = new FakeClock()
  const tripRule = failureRate({ threshold: 0.5, windowMs: 10_000 })
  const warnings = await warningsDuring(async () => {
    const calls = Array.from({ length: 1_000 }, (_, index) => {
      const breaker = new CircuitBreaker({ name: `api ${index}`, clock, tripRule, timeoutMs: 1_000 })
      breaker.on('circuit-changed', () => undefined)
      return outcomeOf(() => breaker.run(works, { signal }))
    })
    await Promise.all(calls)
  })
  expect(warnings).toEqual([])
})

test('one failure after an idle hour opens nothing: the nine before it have left the window', async () => {
  const { clock, breaker } = guard({
    tripRule: failureRate({ threshold: 0.5, windowMs: 10_000, minimumCalls: 10 }),
  })
  await breakIt(breaker, 9)
  await clock.advance(3_600_000)
  await breakIt(breaker, 1)
  expect(breaker.state).toBe('closed')
  await breakIt(breaker, 9)
  expect(breaker.state).toBe('open')
})

test('the state is half-open once the open time has passed, without a call', async () => {
  const { clock, breaker } = await guardOpen()
  await clock.advance(OPEN_MS - 1)
  expect(breaker.state).toBe('open')
  await clock.advance(1)
  expect(breaker.state).toBe('half-open')
})

test('a method can be guarded by a standard decorator', async () => {
  const { breaker } = guard()
  const guarded = <F extends (this: never, ...args: never[]) => unknown>(
    method: F,
    _context: Partial<ClassMethodDecoratorContext>,
  ): F => breaker.wrap(method)
  class Search {
    readonly index = 'catalogue'
    async find(term: string): Promise<string> {
      return `${this.index}: ${term}`
    }
  }
  const find = guarded(Search.prototype.find, { kind: 'method', name: 'find' })
  expect(await find.call(new Search(), 'shoes')).toBe('catalogue: shoes')
})

test('20 concurrent calls with a timeout and without a signal of their own give no warning', async () => {
  const { breaker } = guard({ timeoutMs: 1_000 })
  const load = breaker.wrap(works)
  const warnings = await warningsDuring(() => Promise.all(Array.from({ length: 20 }, () => load())))
  expect(warnings).toEqual([])
})

test('a listener that is taken away is not called, also if it was the only one', async () => {
  const { breaker } = guard()
  let told = 0
  const stop = breaker.on('circuit-changed', () => (told += 1))
  stop()
  await breakIt(breaker)
  expect(breaker.state).toBe('open')
  expect(told).toBe(0)
})

test('a fallback that returns a value answers the call with it', async () => {
  const { breaker } = guard({ fallback: () => 'from the cache' })
  expect(await breaker.run(fails)).toBe('from the cache')
  expect(await breaker.run(works)).toBe('from the cache')
})

test('a failure rate over time opens at a hundred calls a second', async () => {
  const { clock, breaker } = guard({ tripRule: failureRate({ threshold: 0.5, windowMs: 1_000 }) })
  for (let call = 0; call < 30 && breaker.state === 'closed'; call += 1) {
    await outcomeOf(() => breaker.run(fails))
    await clock.advance(10)
  }
  expect(breaker.state).toBe('open')
})

test('a call is answered when its time is up, and not when the slow work ends', async () => {
  const { clock, breaker } = guard()
  const slow = breaker.run(() => new Promise((resolve) => clock.startTimer(() => resolve('late'), 200)), {
    timeoutMs: 50,
  })
  const error = errorOf(() => slow)
  const startedAt = clock.now()
  await clock.advance(50)
  expect(await error).toBeInstanceOf(CallTimeoutError)
  expect(clock.now() - startedAt).toBe(50)
})

test('the error of a refused call says when to come back, and bears what opened the circuit', async () => {
  const { clock, breaker } = await guardOpen()
  await clock.advance(400)
  const error = await errorOf(() => breaker.run(works))
  expect(error).toBeInstanceOf(CircuitOpenError)
  expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', service: 'api', retryAfterMs: 600, cause: gone })
  expect(Object.keys(error as object)).not.toContain('cause')
})

test('setting the wall clock back by an hour keeps no circuit open for longer', async () => {
  const { clock, breaker } = await guardOpen()
  clock.moveWall(-3_600_000)
  await clock.advance(OPEN_MS)
  const edges = edgesOf(breaker)
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  expect(edges).toEqual(['open>half-open', 'half-open>closed'])
})
