import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  CallTimeoutError,
  consecutiveFailures,
  type CallContext,
  type CircuitBreakerOptions,
  type RunOptions,
} from '../../src/index.ts'
import { errorOf, fails, gone, guard, guardHalfOpen, hangs, outcomeOf, pending, works } from './support.ts'

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

/** Rejections that nobody handled while `work` ran. */
async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    await work()
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  return unhandled
}

describe('a caller who gives up', () => {
  test('before the call: the work is not begun, and no permit is taken', async () => {
    const { breaker } = await guardHalfOpen()
    const reason = new Error('client went away')
    let begun = 0
    const call = breaker.run(() => (begun += 1), { signal: AbortSignal.abort(reason) })
    expect(await errorOf(() => call)).toBe(reason)
    expect(begun).toBe(0)
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test.each([
    ['without a timeout', undefined],
    ['with a timeout', 1_000],
  ])(
    'during the call: it ends at once, the work is told, and nothing is counted (%s)',
    async (_name, timeoutMs) => {
      const { clock, breaker } = guard()
      const caller = new AbortController()
      const reason = new Error('client went away')
      let seen: AbortSignal | undefined
      const work = ({ signal }: CallContext): Promise<never> => {
        seen = signal
        return hangs()
      }
      const error = errorOf(() => breaker.run(work, { signal: caller.signal, timeoutMs }))
      await clock.advance(0)
      caller.abort(reason)
      expect(await error).toBe(reason)
      expect(seen?.aborted).toBe(true)
      expect(seen?.reason).toBe(reason)
      expect(breaker.state).toBe('closed')
      expect(breaker.counts.ignored).toBe(1)
    },
  )

  test.each([
    ['without a timeout', undefined],
    ['with a timeout', 60_000],
  ])('while the work is being begun: the call ends all the same (%s)', async (_name, timeoutMs) => {
    const { clock, breaker } = guard()
    const caller = new AbortController()
    const reason = new Error('client went away')
    let seen: AbortSignal | undefined
    const work = ({ signal }: CallContext): Promise<never> => {
      seen = signal
      caller.abort(reason)
      return hangs()
    }
    let ended: unknown = 'not ended'
    void errorOf(() => breaker.run(work, { signal: caller.signal, timeoutMs })).then(
      (error) => (ended = error),
    )
    await clock.advance(0)
    expect(seen?.aborted).toBe(true)
    expect(ended).toBe(reason)
  })

  test('gives its trial back', async () => {
    const { clock, breaker } = await guardHalfOpen()
    const caller = new AbortController()
    const trial = outcomeOf(() => breaker.run(hangs, { signal: caller.signal }))
    await clock.advance(0)
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    caller.abort()
    await trial
    expect(breaker.state).toBe('half-open')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test('is not counted when the work fails for it in its own words', async () => {
    const { breaker } = guard()
    const caller = new AbortController()
    const call = breaker.run(
      ({ signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('socket closed'))),
        ),
      { signal: caller.signal },
    )
    caller.abort()
    await errorOf(() => call)
    expect(breaker.state).toBe('closed')
  })

  test('takes nobody else along: calls under another signal go on', async () => {
    const { breaker } = guard()
    const [one, other] = [new AbortController(), new AbortController()]
    const work = pending<string>()
    const given = outcomeOf(() => breaker.run(hangs, { signal: one.signal }))
    const kept = breaker.run(() => work.promise, { signal: other.signal })
    one.abort()
    work.resolve('ok')
    expect([await given, await kept]).toEqual(['failed', 'ok'])
  })
})

describe("a caller's signal", () => {
  test('has one listener for all calls under it, and none once they have ended', async () => {
    const { breaker } = guard({ tripRule: consecutiveFailures(1_000) })
    const { signal } = new AbortController()
    const work = pending<string>()
    const calls = Array.from({ length: 50 }, () => breaker.run(() => work.promise, { signal }))
    expect(listenersOf(signal)).toBeLessThanOrEqual(1)
    work.resolve('ok')
    await Promise.all(calls)
    expect(listenersOf(signal)).toBe(0)
  })

  test.each([
    ['succeeded', works],
    ['failed', fails],
    ['answered at once', () => 'ok'],
    [
      'thrown at once',
      () => {
        throw gone
      },
    ],
  ])('has no listener after a call that has %s', async (_name, work) => {
    const { breaker } = guard()
    const { signal } = new AbortController()
    await outcomeOf(() => breaker.run<unknown>(work, { signal }))
    expect(listenersOf(signal)).toBe(0)
  })

  test('has no listener after it was aborted, a call was refused, or its time was up', async () => {
    const { clock, breaker } = guard()
    const [aborted, late, refused] = [new AbortController(), new AbortController(), new AbortController()]
    const given = outcomeOf(() => breaker.run(hangs, { signal: aborted.signal }))
    aborted.abort()
    await given
    const slow = outcomeOf(() => breaker.run(hangs, { signal: late.signal, timeoutMs: 10 }))
    await clock.advance(10)
    expect(await slow).toBe('failed')
    expect(await outcomeOf(() => breaker.run(works, { signal: refused.signal }))).toBe('refused')
    expect([aborted, late, refused].map(({ signal }) => listenersOf(signal))).toEqual([0, 0, 0])
  })
})

describe('a call that takes too long', () => {
  test('ends with CallTimeoutError, counts once, and aborts its signal with that', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100 })
    let seen: AbortSignal | undefined
    const error = errorOf(() =>
      breaker.run(({ signal }) => {
        seen = signal
        return hangs()
      }),
    )
    await clock.advance(99)
    expect(seen?.aborted).toBe(false)
    await clock.advance(1)
    expect(await error).toBeInstanceOf(CallTimeoutError)
    expect(await error).toMatchObject({ code: 'ERR_CALL_TIMEOUT', service: 'api', timeoutMs: 100 })
    expect(seen?.reason).toBe(await error)
    expect(breaker.state).toBe('open')
    expect(breaker.counts.timedOut).toBe(1)
  })

  test('may have its own time, longer or shorter than the breaker says', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100, tripRule: consecutiveFailures(10) })
    const ended: string[] = []
    const start = (name: string, timeoutMs?: number): void =>
      void errorOf(() => breaker.run(hangs, { timeoutMs })).then(() => ended.push(name))
    start('long', 300)
    start('usual')
    start('short', 50)
    await clock.advance(50)
    expect(ended).toEqual(['short'])
    await clock.advance(50)
    expect(ended).toEqual(['short', 'usual'])
    await clock.advance(200)
    expect(ended).toEqual(['short', 'usual', 'long'])
  })

  test('is given up by wrap and call as well', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100, tripRule: consecutiveFailures(10) })
    const errors = [breaker.wrap(hangs), () => breaker.call(hangs)].map((call) => errorOf(call))
    await clock.advance(100)
    for (const error of errors) expect(await error).toBeInstanceOf(CallTimeoutError)
  })

  test.each([
    ['answer', (late: ReturnType<typeof pending<string>>) => late.resolve('late')],
    ['failure', (late: ReturnType<typeof pending<string>>) => late.reject(gone)],
  ])('drops its late %s: counted once, and no unhandled rejection', async (_name, settle) => {
    const { clock, breaker } = guard({ timeoutMs: 100, tripRule: consecutiveFailures(2) })
    const unhandled = await unhandledDuring(async () => {
      const late = pending<string>()
      const call = outcomeOf(() => breaker.run(() => late.promise))
      await clock.advance(100)
      expect(await call).toBe('failed')
      settle(late)
    })
    expect(unhandled).toEqual([])
    expect(breaker.state).toBe('closed')
    await outcomeOf(() => breaker.run(fails))
    expect(breaker.state).toBe('open')
  })

  test('is no unhandled rejection after its caller gave it up either', async () => {
    const { breaker } = guard()
    const unhandled = await unhandledDuring(async () => {
      const late = pending<string>()
      const caller = new AbortController()
      const call = outcomeOf(() => breaker.run(() => late.promise, { signal: caller.signal }))
      caller.abort()
      await call
      late.reject(gone)
    })
    expect(unhandled).toEqual([])
  })

  test('is not one that ended before: its time passes, and nothing is counted or aborted', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100 })
    const signal = await breaker.run(async (context) => context.signal)
    await clock.advance(200)
    expect(signal.aborted).toBe(false)
    expect(breaker.counts.timedOut).toBe(0)
  })

  test('counts although its caller gives up in the same moment, just after its time was up', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100 })
    const caller = new AbortController()
    const error = errorOf(() => breaker.run(hangs, { signal: caller.signal }))
    await clock.advance(100)
    caller.abort()
    expect(await error).toBeInstanceOf(CallTimeoutError)
    expect(breaker.state).toBe('open')
  })

  test('leaves no timer that keeps anything waiting: a thousand calls share one', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100, tripRule: consecutiveFailures(10_000) })
    const calls = Array.from({ length: 1_000 }, () => outcomeOf(() => breaker.run(hangs)))
    expect(clock.timers).toBe(1)
    await clock.advance(100)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['failed']))
    expect(clock.timers).toBe(0)
  })

  test('its signal is made only for those who look at it, and tells those who look later', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100 })
    let context: CallContext | undefined
    const call = outcomeOf(() => breaker.run((given) => ((context = given), hangs())))
    await clock.advance(100)
    await call
    expect(context?.signal.aborted).toBe(true)
    expect(context?.signal).toBe(context?.signal)
  })
})

test.each<[string, Partial<CircuitBreakerOptions>, RunOptions | undefined]>([
  ['of a plain call', {}, undefined],
  ['of a call with a timeout', { timeoutMs: 1_000 }, undefined],
  ['of a call with a time of its own', {}, { timeoutMs: 1_000 }],
  ['of a caller', {}, { signal: new AbortController().signal }],
  ['of a breaker that is switched off', { enabled: false }, undefined],
])('the signal %s is one and the same, however often it is looked at', async (_name, options, given) => {
  const { breaker } = guard(options)
  const look = async (context: CallContext): Promise<AbortSignal[]> => [context.signal, context.signal]
  const [one, other] = await breaker.run(look, given)
  expect(one).toBeInstanceOf(AbortSignal)
  expect(other).toBe(one)
})
