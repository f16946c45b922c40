import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CircuitOpenError, type FallbackContext } from '../../src/index.ts'
import {
  errorOf,
  fails,
  gone,
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

/** A fallback that remembers how it was asked. */
function remembering(answer: unknown = 'fallback') {
  const asked: FallbackContext[] = []
  const fallback = (context: FallbackContext): unknown => {
    asked.push(context)
    return answer
  }
  return { asked, fallback }
}

describe('the fallback', () => {
  test('answers a counted failure, with the error and the arguments', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = guard({ fallback })
    const load = breaker.wrap(async (_id: number): Promise<string> => fails())
    expect(await load(7)).toBe('fallback')
    expect(asked).toMatchObject([{ error: gone, args: [7] }])
    expect(breaker.state).toBe('open')
  })

  test('answers a refusal, with the error and the arguments', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = await guardOpen({ fallback })
    asked.length = 0
    expect(await breaker.wrap(async (_id: number) => 'fresh')(7)).toBe('fallback')
    expect(await breaker.run(works)).toBe('fallback')
    expect(asked.map(({ args }) => args)).toEqual([[7], []])
    expect(asked.every(({ error }) => error instanceof CircuitOpenError)).toBe(true)
  })

  test('answers a sync function at once', async () => {
    const { breaker } = await guardOpen({ fallback: () => 'fallback' })
    expect(breaker.wrap(() => 'fresh')()).toBe('fallback')
    const { breaker: closed } = guard({ fallback: () => 'fallback' })
    const load = closed.wrap((): string => {
      throw gone
    })
    expect(load()).toBe('fallback')
  })

  test('is not asked when a call succeeds', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = guard({ fallback })
    expect(await breaker.run(works)).toBe('ok')
    expect(asked).toEqual([])
  })

  test('is not asked for errors that do not count', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = guard({ fallback, isFailure: () => false })
    expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    expect(asked).toEqual([])
  })

  test('is not asked when the caller has given up', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = guard({ fallback })
    const caller = new AbortController()
    const call = errorOf(() => breaker.run(hangs, { signal: caller.signal }))
    caller.abort(gone)
    expect(await call).toBe(gone)
    expect(asked).toEqual([])
  })

  test('is asked once for a call whose time is up, whatever that answers later', async () => {
    const { asked, fallback } = remembering()
    const { clock, breaker } = guard({ fallback, timeoutMs: 100 })
    const slow = (): Promise<never> =>
      new Promise((_resolve, reject) => clock.startTimer(() => reject(gone), 200))
    const call = breaker.run(slow)
    await clock.advance(100)
    expect(await call).toBe('fallback')
    await clock.advance(100)
    expect(asked).toMatchObject([{ error: { code: 'ERR_CALL_TIMEOUT' } }])
  })

  test('replaces a result that counts as a failure, and is told it', async () => {
    const { asked, fallback } = remembering()
    const { breaker } = guard({ fallback, isFailureResult: (result) => result === 503 })
    expect(await breaker.run(async () => 503)).toBe('fallback')
    expect(asked).toMatchObject([{ error: undefined, result: 503 }])
  })

  test.each([
    [
      'throws',
      (): never => {
        throw new Error('no cache')
      },
    ],
    ['rejects', async (): Promise<never> => Promise.reject(new Error('no cache'))],
  ])(
    'that %s: its own error surfaces, with the first as its cause, and it is not asked again',
    async (_name, fail) => {
      let asked = 0
      const fallback = (): unknown => {
        asked += 1
        return fail()
      }
      const { breaker } = guard({ fallback })
      expect(await errorOf(() => breaker.run(fails))).toMatchObject({ message: 'no cache', cause: gone })
      expect(asked).toBe(1)
      const refused = await errorOf(() => breaker.run(works))
      expect(refused).toMatchObject({ message: 'no cache' })
      expect((refused as Error).cause).toBeInstanceOf(CircuitOpenError)
      expect(asked).toBe(2)
    },
  )

  test('that fails with an error which has a cause leaves that cause alone', async () => {
    const own = new Error('no cache', { cause: 'disk full' })
    const { breaker } = guard({ fallback: () => Promise.reject(own) })
    expect(await errorOf(() => breaker.run(fails))).toMatchObject({ cause: 'disk full' })
  })

  test('may throw the first error again, or what cannot bear a cause', async () => {
    const frozen = Object.freeze(new Error('frozen'))
    for (const thrown of [gone, frozen, 'a string', undefined]) {
      const { breaker } = guard({ fallback: () => Promise.reject(thrown) })
      expect(await errorOf(() => breaker.run(fails))).toBe(thrown)
    }
    expect(gone).not.toHaveProperty('cause')
  })

  test('says nothing about the service: a trial that fails reopens, though its caller got an answer', async () => {
    const { breaker } = await guardHalfOpen({ fallback: () => 'fallback' })
    expect(await breaker.run(fails)).toBe('fallback')
    expect(breaker.state).toBe('open')
  })
})

describe('what counts', () => {
  test('AbortError counts for nothing by default, every other error does', async () => {
    const { breaker } = guard()
    await errorOf(() => breaker.run(() => Promise.reject(new DOMException('stopped', 'AbortError'))))
    expect(breaker.state).toBe('closed')
    expect(breaker.counts.ignored).toBe(1)
    await errorOf(() => breaker.run(() => Promise.reject(new DOMException('slow', 'TimeoutError'))))
    expect(breaker.state).toBe('open')
  })

  test('isFailure says which errors count; the others neither count nor clear', async () => {
    const { breaker } = guard({
      isFailure: (error) => error === gone,
      tripRule: {
        description: 'two outcomes',
        start: () => {
          let failures = 0
          return { succeeded: () => ((failures = 0), false), failed: () => (failures += 1) >= 2 }
        },
      },
    })
    await outcomeOf(() => breaker.run(fails))
    await outcomeOf(() => breaker.run(() => Promise.reject(new RangeError('bad input'))))
    expect(breaker.state).toBe('closed')
    await outcomeOf(() => breaker.run(fails))
    expect(breaker.state).toBe('open')
  })

  test('isFailureResult counts results, which are returned all the same', async () => {
    const { breaker } = guard({ isFailureResult: (result) => (result as { status: number }).status >= 500 })
    const response = { status: 503 }
    expect(await breaker.run(async () => response)).toBe(response)
    expect(breaker.state).toBe('open')
    expect(await errorOf(() => breaker.run(works))).toMatchObject({ cause: { message: 'status 503' } })
  })

  test('a trial whose result counts as a failure reopens', async () => {
    const { breaker } = await guardHalfOpen({ isFailureResult: (result) => result === 503 })
    expect(breaker.wrap(() => 503)()).toBe(503)
    expect(breaker.state).toBe('open')
  })

  test('isFailure that throws: the error reaches the caller as it was, counts, and trouble is told once', async () => {
    const { breaker } = guard({
      isFailure: () => {
        throw new Error('bug')
      },
    })
    expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    expect(breaker.state).toBe('open')
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })

  test('isFailureResult that throws: the result is given back, and counts as a success', async () => {
    const { breaker } = guard({
      isFailureResult: () => {
        throw new Error('bug')
      },
    })
    for (let call = 0; call < 3; call += 1) expect(await breaker.run(works)).toBe('ok')
    expect(breaker.state).toBe('closed')
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })
})

describe('retryAfterMs', () => {
  /** For how long a breaker stays open after one failure. */
  async function openTimeOf(retryAfterMs: (given: unknown) => number | undefined, longestOpenMs = 60_000) {
    const { breaker } = await guardOpen({ retryAfterMs, longestOpenMs })
    const error = await errorOf(() => breaker.run(works))
    return error instanceof CircuitOpenError ? error.retryAfterMs : undefined
  }

  test.each([
    ['a longer time', 5_000, 5_000],
    ['a shorter time', 200, 200],
    ['a fraction', 200.4, 201],
    ['more than the longest', 1e9, 60_000],
    ['nothing', undefined, OPEN_MS],
    ['no time', 0, OPEN_MS],
    ['a time in the past', -5, OPEN_MS],
    ['no number', Number.NaN, OPEN_MS],
    ['for ever', Infinity, OPEN_MS],
  ])('that asks for %s', async (_name, asked, expected) => {
    expect(await openTimeOf(() => asked)).toBe(expected)
  })

  test('is given the error, or the result that counted as a failure', async () => {
    const given: unknown[] = []
    const retryAfterMs = (subject: unknown): undefined => void given.push(subject)
    await guardOpen({ retryAfterMs })
    const { breaker } = guard({ retryAfterMs, isFailureResult: () => true })
    await breaker.run(works)
    expect(given).toEqual([gone, 'ok'])
  })

  test('that throws changes nothing', async () => {
    const throws = (): never => {
      throw new Error('bug')
    }
    expect(await openTimeOf(throws)).toBe(OPEN_MS)
  })

  test('is asked for a failed trial as well', async () => {
    const asked = [undefined, 7_000]
    const { breaker } = await guardHalfOpen({ retryAfterMs: () => asked.shift() })
    await outcomeOf(() => breaker.run(fails))
    expect(await errorOf(() => breaker.run(works))).toMatchObject({ retryAfterMs: 7_000 })
  })
})
