import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { FakeClock } from '../testing/index.ts'
import { CallerSignals, type Abortable } from './caller-signals.ts'

class Call implements Abortable {
  readonly reasons: unknown[] = []

  abort(reason: unknown): void {
    this.reasons.push(reason)
  }
}

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

test('one listener does for all calls under one signal, and is gone with the last of them', () => {
  const { signal } = new AbortController()
  const signals = new CallerSignals()
  const calls = Array.from({ length: 100 }, () => new Call())
  for (const call of calls) signals.add(signal, call)
  expect(listenersOf(signal)).toBe(1)
  for (const call of calls.slice(1)) signals.remove(signal, call)
  expect(listenersOf(signal)).toBe(1)
  signals.remove(signal, calls[0]!)
  expect(listenersOf(signal)).toBe(0)
})

test('each call is told once, with the reason of its own signal', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const signals = new CallerSignals()
  const [first, second, third] = [new Call(), new Call(), new Call()]
  signals.add(one.signal, first)
  signals.add(one.signal, second)
  signals.add(other.signal, third)
  one.abort('enough')
  one.abort('again')
  expect([first.reasons, second.reasons, third.reasons]).toEqual([['enough'], ['enough'], []])
  other.abort('late')
  expect(third.reasons).toEqual(['late'])
})

describe('a signal that others listen to as well', () => {
  test('tells the calls of every breaker', () => {
    const controller = new AbortController()
    const breakers = Array.from({ length: 20 }, () => ({ signals: new CallerSignals(), call: new Call() }))
    for (const { signals, call } of breakers) signals.add(controller.signal, call)
    controller.abort('enough')
    expect(breakers.map(({ call }) => call.reasons)).toEqual(breakers.map(() => ['enough']))
  })

  test.each(['before', 'after'])('whoever came first: %s', (when) => {
    const controller = new AbortController()
    const [signals, call] = [new CallerSignals(), new Call()]
    const listen = (): void => controller.signal.addEventListener('abort', () => undefined)
    if (when === 'before') listen()
    signals.add(controller.signal, call)
    if (when === 'after') listen()
    controller.abort('enough')
    expect(call.reasons).toEqual(['enough'])
  })

  test('ends a call at once, although the work listens first', async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    let ending: unknown = 'still running'
    const work = ({ signal }: { signal: AbortSignal }): Promise<never> => {
      signal.addEventListener('abort', () => undefined)
      return new Promise(() => undefined)
    }
    new CircuitBreaker({ name: 'search', clock })
      .run(work, { signal: controller.signal })
      .catch((error: unknown) => (ending = error))
    await clock.advance(0)
    controller.abort('enough')
    await clock.advance(0)
    expect(ending).toBe('enough')
  })
})

test('a call that has ended is not told', () => {
  const controller = new AbortController()
  const signals = new CallerSignals()
  const [ended, running] = [new Call(), new Call()]
  signals.add(controller.signal, ended)
  signals.add(controller.signal, running)
  signals.remove(controller.signal, ended)
  controller.abort('enough')
  expect([ended.reasons, running.reasons]).toEqual([[], ['enough']])
})

test('removing twice, or what was never there, does nothing', () => {
  const { signal } = new AbortController()
  const signals = new CallerSignals()
  const [call, other] = [new Call(), new Call()]
  signals.add(signal, call)
  signals.remove(signal, other)
  expect(listenersOf(signal)).toBe(1)
  signals.remove(signal, call)
  signals.remove(signal, call)
  expect(listenersOf(signal)).toBe(0)
})

test('a signal that was done with can be used again', () => {
  const controller = new AbortController()
  const signals = new CallerSignals()
  const [call, later] = [new Call(), new Call()]
  signals.add(controller.signal, call)
  signals.remove(controller.signal, call)
  signals.add(controller.signal, later)
  expect(listenersOf(controller.signal)).toBe(1)
  controller.abort('enough')
  expect([call.reasons, later.reasons]).toEqual([[], ['enough']])
})

test('calls that leave while they are told, as they do, leave no listener', () => {
  const controller = new AbortController()
  const signals = new CallerSignals()
  const told: number[] = []
  const calls = [0, 1, 2].map((number) => ({
    abort() {
      told.push(number)
      for (const call of calls) signals.remove(controller.signal, call)
    },
  }))
  for (const call of calls) signals.add(controller.signal, call)
  controller.abort()
  expect(told[0]).toBe(0)
  expect(listenersOf(controller.signal)).toBe(0)
})

describe('a caller that gives up while the work is being started', () => {
  const hangs = (): Promise<never> => new Promise(() => undefined)

  test.each([undefined, 60_000])('ends the call at once (timeoutMs: %s)', async (timeoutMs) => {
    const clock = new FakeClock()
    const breaker = new CircuitBreaker({ name: 'search', clock })
    const controller = new AbortController()
    const work = (): Promise<never> => {
      controller.abort(new Error('enough'))
      return hangs()
    }
    let ending: unknown = 'still running'
    breaker.run(work, { signal: controller.signal, timeoutMs }).catch((error: unknown) => (ending = error))
    await clock.advance(0)
    expect(ending).toBe(controller.signal.reason)
    expect(listenersOf(controller.signal)).toBe(0)
    expect(breaker.counts.ignored).toBe(1)
  })

  test('has a signal that says so, also where the call has a time of its own', async () => {
    const breaker = new CircuitBreaker({ name: 'search', clock: new FakeClock() })
    const controller = new AbortController()
    const seen: boolean[] = []
    const call = breaker.run(
      async (context) => {
        seen.push(context.signal.aborted)
        controller.abort(new Error('enough'))
        seen.push(context.signal.aborted)
      },
      { signal: controller.signal, timeoutMs: 60_000 },
    )
    await Promise.allSettled([call])
    expect(seen).toEqual([false, true])
  })
})
