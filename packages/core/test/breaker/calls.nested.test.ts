import { AsyncLocalStorage } from 'node:async_hooks'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CircuitOpenError, consecutiveFailures } from '../../src/index.ts'
import {
  breakIt,
  errorOf,
  fails,
  guard,
  guardHalfOpen,
  guardOpen,
  hangs,
  OPEN_MS,
  outcomeOf,
  works,
} from './support.ts'

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

describe('a breaker round a breaker', () => {
  test('does not count refusals of the inner one', async () => {
    const { breaker: inner } = await guardOpen({ name: 'inner' })
    const { breaker: outer } = guard({ name: 'outer' })
    expect(await errorOf(() => outer.run(() => inner.run(works)))).toMatchObject({ service: 'inner' })
    expect(outer.state).toBe('closed')
    expect(outer.counts.ignored).toBe(1)
  })

  test('nor where somebody has wrapped them in an error of his own', async () => {
    const { breaker: inner } = await guardOpen({ name: 'inner' })
    const { breaker: outer } = guard({ name: 'outer' })
    const load = async (): Promise<string> => {
      try {
        return await inner.run(works)
      } catch (cause) {
        throw new Error('loading failed', { cause })
      }
    }
    expect(await errorOf(() => outer.run(load))).toMatchObject({ message: 'loading failed' })
    expect(outer.state).toBe('closed')
  })

  test('nor its timeouts, which the inner one has counted', async () => {
    const { clock, breaker: inner } = guard({ name: 'inner', timeoutMs: 100 })
    const { breaker: outer } = guard({ name: 'outer' })
    const call = outcomeOf(() => outer.run(() => inner.run(hangs)))
    await clock.advance(100)
    await call
    expect([inner.state, outer.state]).toEqual(['open', 'closed'])
  })

  test('counts failures that the inner one let through, as that did', async () => {
    const { breaker: inner } = guard({ name: 'inner' })
    const { breaker: outer } = guard({ name: 'outer' })
    await outcomeOf(() => outer.run(() => inner.run(fails)))
    expect([inner.state, outer.state]).toEqual(['open', 'open'])
  })

  test('keeps its trial when the inner one refuses', async () => {
    const { breaker: inner } = await guardOpen({ name: 'inner' })
    const { breaker: outer } = await guardHalfOpen({ name: 'outer' })
    await outcomeOf(() => outer.run(() => inner.run(works)))
    expect(outer.state).toBe('half-open')
    expect(await outcomeOf(() => outer.run(works))).toBe('succeeded')
  })

  test('a call inside a call of the same breaker counts, and is refused, like any other', async () => {
    const { breaker } = guard({ tripRule: consecutiveFailures(2) })
    await outcomeOf(() => breaker.run(() => breaker.run(fails)))
    expect(breaker.state).toBe('open')
  })
})

describe('a listener', () => {
  test('that throws delays no other, and the caller gets what the call gave', async () => {
    const { breaker } = guard()
    const told: string[] = []
    breaker.on('circuit-changed', () => {
      throw new Error('listener bug')
    })
    breaker.on('circuit-changed', ({ from, to }) => told.push(`${from}>${to}`))
    expect(await outcomeOf(() => breaker.run(fails))).toBe('failed')
    expect(told).toEqual(['closed>open'])
  })

  test('that calls in an opening circuit is refused', async () => {
    const { breaker } = guard()
    const calls: Promise<string>[] = []
    breaker.on('circuit-changed', () => void calls.push(outcomeOf(() => breaker.run(works))))
    await breakIt(breaker)
    expect(await Promise.all(calls)).toEqual(['refused'])
  })

  test('that calls when half-open begins takes no trial away, and adds none', async () => {
    const { breaker } = await guardHalfOpen()
    const calls: Promise<string>[] = []
    breaker.on('circuit-changed', ({ to }) => {
      if (to === 'half-open') calls.push(outcomeOf(() => breaker.run(works)))
    })
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(await Promise.all(calls)).toEqual(['refused'])
    expect(breaker.state).toBe('closed')
    expect(breaker.counts.trials).toBe(1)
  })

  test('that calls in a closing circuit is let through', async () => {
    const { breaker } = await guardHalfOpen()
    const calls: Promise<string>[] = []
    breaker.on('circuit-changed', ({ to }) => {
      if (to === 'closed') calls.push(outcomeOf(() => breaker.run(works)))
    })
    await breaker.run(works)
    expect(await Promise.all(calls)).toEqual(['succeeded'])
  })

  test('whose own call fails in a closing circuit opens it again, edge by edge', async () => {
    const { breaker } = await guardHalfOpen()
    const edges: string[] = []
    let failed: Promise<string> | undefined
    breaker.on('circuit-changed', ({ from, to }) => {
      edges.push(`${from}>${to}`)
      if (to === 'closed') failed ??= outcomeOf(() => breaker.run(fails))
    })
    await breaker.run(works)
    expect(await failed).toBe('failed')
    expect(edges).toEqual(['open>half-open', 'half-open>closed', 'closed>open'])
  })

  test('that holds and ends a hold from inside sees every event in its order', async () => {
    const { breaker } = guard()
    const told: string[] = []
    breaker.on('circuit-changed', ({ from, to }) => {
      told.push(`${from}>${to}`)
      if (to === 'open') breaker.hold('closed')
    })
    breaker.on('hold-changed', ({ hold }) => void told.push(`hold ${hold}`))
    await breakIt(breaker)
    expect(told).toEqual(['closed>open', 'hold closed', 'open>closed'])
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test('of refused calls is told of each of them', async () => {
    const { clock, breaker } = await guardOpen()
    const told: number[] = []
    breaker.on('call-refused', ({ retryAfterMs, observed }) => void told.push(observed ? -1 : retryAfterMs))
    await outcomeOf(() => breaker.run(works))
    await clock.advance(OPEN_MS / 2)
    expect(breaker.tryAcquire()).toBeUndefined()
    expect(told).toEqual([OPEN_MS, OPEN_MS / 2])
  })

  test('of refused calls that calls itself is not told without end', async () => {
    const { breaker } = await guardOpen()
    let depth = 0
    let deepest = 0
    breaker.on('call-refused', () => {
      depth += 1
      deepest = Math.max(deepest, depth)
      if (depth < 100) expect(() => breaker.call(() => 'ok')).toThrow(CircuitOpenError)
      depth -= 1
    })
    await outcomeOf(() => breaker.run(works))
    expect(deepest).toBe(1)
  })
})

test('a call runs, and goes on, in the request that made it: closed, as a trial, and with a timeout', async () => {
  const request = new AsyncLocalStorage<string>()
  const { clock, breaker } = guard({ timeoutMs: 60_000 })
  const seen: (string | undefined)[] = []
  const look = async (): Promise<void> => {
    await works()
    seen.push(request.getStore())
  }
  const serve = (name: string): Promise<void> =>
    request.run(name, async () => {
      await breaker.run(look)
      seen.push(request.getStore())
    })
  await serve('closed')
  await breakIt(breaker)
  await clock.advance(OPEN_MS)
  await serve('trial')
  await Promise.all([serve('one'), serve('other')])
  expect(seen).toEqual(['closed', 'closed', 'trial', 'trial', 'one', 'other', 'one', 'other'])
})
