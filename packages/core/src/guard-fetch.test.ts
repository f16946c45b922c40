import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { consecutiveFailures } from './breaker/consecutive-failures.ts'
import {
  CallTimeoutError,
  CircuitOpenError,
  ContradictoryOptionsError,
  InvalidOptionError,
} from './errors.ts'
import { guardFetch, type GuardedFetch, type GuardFetchOptions } from './guard-fetch.ts'
import type { KeyedCircuitBreaker } from './keyed-circuit-breaker.ts'
import { FakeClock } from './testing/fake-clock.ts'

const ORIGIN = 'https://api.example.com'
const URL_WITH_SECRETS = 'https://user:hunter2@api.example.com/path?token=hunter2'

let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

afterEach(() => {
  vi.restoreAllMocks()
})

type Fetch = typeof globalThis.fetch

function guard(fetch: unknown, options: GuardFetchOptions = {}): GuardedFetch {
  return guardFetch(fetch as Fetch, { clock, tripRule: consecutiveFailures(1), ...options })
}

function networkError(): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })
}

function answers(status: number, headers: Record<string, string> = {}) {
  return vi.fn(async () => new Response('body', { status, headers }))
}

/** Honours its signal, as fetch does. */
function hangs() {
  return vi.fn(
    (_input: unknown, init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
      }),
  )
}

/** A response whose body never ends, and what became of it. */
function endless(status: number): { readonly response: Response; readonly cancelled: () => boolean } {
  let isCancelled = false
  const body = new ReadableStream({ cancel: () => void (isCancelled = true) })
  return { response: new Response(body, { status }), cancelled: () => isCancelled }
}

describe('what it is', () => {
  test('a fetch with breakers', () => {
    const guarded = guardFetch(globalThis.fetch)
    expectTypeOf(guarded).toExtend<Fetch>()
    expectTypeOf(guarded.breakers).toEqualTypeOf<KeyedCircuitBreaker>()
    expect(guarded.name).toBe('fetch')
  })

  test('what fetch is given is what it was given, where there is no time limit', async () => {
    const fetch = answers(200)
    const request = new Request(ORIGIN)
    const init = { method: 'POST', signal: new AbortController().signal }
    await guard(fetch)(request, init)
    const [first] = fetch.mock.calls as unknown as unknown[][]
    expect([first?.[0] === request, first?.[1] === init]).toEqual([true, true])
  })

  test('with one only the signal is another', async () => {
    const fetch = answers(200)
    await guard(fetch, { timeoutMs: 10 })(ORIGIN, { method: 'POST' })
    expect(fetch).toHaveBeenCalledWith(ORIGIN, { method: 'POST', signal: expect.any(AbortSignal) as unknown })
  })

  test('the response is untouched, whatever its status', async () => {
    for (const status of [200, 404, 503]) {
      const response = new Response('body', { status })
      expect(await guard(async () => response)(ORIGIN)).toBe(response)
      expect(await response.text()).toBe('body')
    }
  })
})

describe('one circuit per origin', () => {
  test('string, URL and Request mean the same, and no other origin is refused', async () => {
    const fetch = answers(503)
    const guarded = guard(fetch)
    await guarded(`${ORIGIN}/a`)
    for (const input of [`${ORIGIN}:443/b`, new URL(`${ORIGIN}/c`), new Request(`${ORIGIN}/d`)])
      await expect(guarded(input)).rejects.toBeInstanceOf(CircuitOpenError)
    await guarded('http://api.example.com')
    await guarded('https://api.example.com:8443')
    expect(fetch).toHaveBeenCalledTimes(3)
    expect(guarded.breakers.state(ORIGIN)).toBe('open')
  })

  test('a refusal names the origin, and neither credentials nor path nor query', async () => {
    const guarded = guard(answers(503))
    const events: unknown[] = []
    guarded.breakers.on('circuit-changed', (event) => events.push(event))
    await guarded(URL_WITH_SECRETS)
    const error: unknown = await guarded(URL_WITH_SECRETS).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      service: ORIGIN,
      message: `${ORIGIN} is not available; try again in 30000 ms`,
      retryAfterMs: 30_000,
    })
    const told = JSON.stringify([error, (error as Error).cause, events])
    expect(told).not.toMatch(/hunter2|path|token/)
    expect(events).toMatchObject([{ service: ORIGIN }])
  })

  test.each(['/relative', 'http://', 'data:text/plain,hello', '', undefined])(
    '%s goes to fetch as it is',
    async (input) => {
      const fetch = vi.fn(async (_input: unknown, _init?: unknown) => new Response(null, { status: 503 }))
      const guarded = guard(fetch)
      const init = {}
      for (let n = 0; n < 3; n += 1) await guarded(input as string, init)
      expect(fetch.mock.calls).toEqual([
        [input, init],
        [input, init],
        [input, init],
      ])
      expect(guarded.breakers.size).toBe(0)
    },
  )

  test('as does a signal that is none, or has been aborted', async () => {
    const fetch = vi.fn(async () => Promise.reject(networkError()))
    const guarded = guard(fetch)
    for (const signal of [AbortSignal.abort(), {}, 7])
      await expect(guarded(ORIGIN, { signal: signal as AbortSignal })).rejects.toThrow('fetch failed')
    expect(guarded.breakers.size).toBe(0)
  })

  test('fetch’s own errors of usage surface, and say nothing', async () => {
    const guarded = guard(globalThis.fetch)
    await expect(guarded('/relative')).rejects.toThrow('Failed to parse URL')
    await expect(guarded(ORIGIN, { headers: { 'bad header': 'x' } })).rejects.toThrow(TypeError)
    await expect(guarded(ORIGIN, { method: 'GET', body: 'x' })).rejects.toThrow(TypeError)
    await expect(guarded(URL_WITH_SECRETS)).rejects.toThrow(TypeError)
    expect(guarded.breakers.state(ORIGIN)).toBe('closed')
  })

  test('a fetch that throws at once rejects', async () => {
    const guarded = guard(() => {
      throw networkError()
    })
    await expect(guarded(ORIGIN)).rejects.toThrow('fetch failed')
    expect(guarded.breakers.state(ORIGIN)).toBe('open')
  })
})

describe('what counts', () => {
  test.each([429, 500, 502, 503, 504])('status %i opens', async (status) => {
    const guarded = guard(answers(status))
    expect((await guarded(ORIGIN)).status).toBe(status)
    await expect(guarded(ORIGIN)).rejects.toBeInstanceOf(CircuitOpenError)
  })

  test.each([200, 302, 400, 401, 404, 422, 501, 505])('status %i does not', async (status) => {
    const guarded = guard(answers(status))
    for (let n = 0; n < 9; n += 1) await guarded(ORIGIN)
    expect(guarded.breakers.state(ORIGIN)).toBe('closed')
  })

  test('isFailure and isFailureResult of the user replace ours', async () => {
    const guarded = guard(answers(503), { isFailureResult: (result) => (result as Response).status === 404 })
    await guarded(ORIGIN)
    expect(guarded.breakers.state(ORIGIN)).toBe('closed')
    const other = guard(async () => Promise.reject(networkError()), { isFailure: () => false })
    await expect(other(ORIGIN)).rejects.toThrow()
    expect(other.breakers.state(ORIGIN)).toBe('closed')
  })

  test('an error of another guard says nothing', async () => {
    const inner = guard(answers(503))
    const outer = guard(inner)
    await inner(ORIGIN)
    await expect(outer(ORIGIN)).rejects.toBeInstanceOf(CircuitOpenError)
    expect(outer.breakers.state(ORIGIN)).toBe('closed')
  })
})

describe('callers who give up', () => {
  test.each([undefined, 'bored', new Error('bored'), new TypeError('fetch failed')])(
    'say nothing, with reason %s',
    async (reason) => {
      const fallback = vi.fn()
      for (const options of [{}, { timeoutMs: 1_000 }, { fallback, isFailure: () => true }]) {
        const guarded = guard(hangs(), options)
        const caller = new AbortController()
        const running = guarded(ORIGIN, { signal: caller.signal })
        caller.abort(reason)
        await expect(running).rejects.toBe(caller.signal.reason)
        expect(guarded.breakers.state(ORIGIN)).toBe('closed')
      }
      expect(fallback).not.toHaveBeenCalled()
    },
  )

  test('end the call at once, also where fetch does not listen', async () => {
    const { response, cancelled } = endless(200)
    let answer: (late: Response) => void = () => {}
    const guarded = guard(() => new Promise<Response>((resolve) => (answer = resolve)))
    const caller = new AbortController()
    const running = guarded(ORIGIN, { signal: caller.signal })
    caller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    answer(response)
    await clock.turns()
    expect(cancelled()).toBe(true)
  })

  test('by the signal of a Request too', async () => {
    const caller = new AbortController()
    const guarded = guard(() => new Promise(() => {}))
    const running = guarded(new Request(ORIGIN, { signal: caller.signal }))
    caller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(guarded.breakers.state(ORIGIN)).toBe('closed')
  })

  test('but a signal whose time is up tells of a failure', async () => {
    for (const fetch of [hangs(), () => new Promise(() => {})]) {
      const guarded = guard(fetch)
      const caller = new AbortController()
      const running = guarded(ORIGIN, { signal: caller.signal })
      caller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
      await expect(running).rejects.toBe(caller.signal.reason)
      expect(guarded.breakers.state(ORIGIN)).toBe('open')
    }
  })

  test('share one listener, and leave none behind', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const guarded = guard(answers(200), { timeoutMs: 100 })
    for (let n = 0; n < 5; n += 1)
      await Promise.all([guarded(ORIGIN, { signal }), guarded(ORIGIN, { signal })])
    expect(added).toHaveBeenCalledTimes(5)
    expect(removed).toHaveBeenCalledTimes(5)
  })
})

describe('timeoutMs', () => {
  test('the request is aborted, and has failed', async () => {
    const fetch = hangs()
    const guarded = guard(fetch, { timeoutMs: 1_000 })
    const running = guarded(ORIGIN)
    const failed = expect(running).rejects.toBeInstanceOf(CallTimeoutError)
    await clock.advance(1_000)
    await failed
    expect(fetch.mock.calls[0]?.[1]?.signal?.reason).toBeInstanceOf(CallTimeoutError)
    expect(guarded.breakers.state(ORIGIN)).toBe('open')
  })

  test('it ends with the headers; the caller may still give up while the body is read', async () => {
    const { response } = endless(200)
    const fetch = vi.fn(async (_input: unknown, _init?: RequestInit) => response)
    const caller = new AbortController()
    await guard(fetch, { timeoutMs: 1_000 })(ORIGIN, { signal: caller.signal })
    const signal = fetch.mock.calls[0]?.[1]?.signal
    await clock.advance(5_000)
    expect(signal?.aborted).toBe(false)
    caller.abort('bored')
    expect(signal?.reason).toBe('bored')
  })

  test('for some origins only', async () => {
    const guarded = guard(hangs(), {
      byOrigin: [{ origins: 'https://slow.*', timeoutMs: 5_000 }],
      timeoutMs: 1_000,
    })
    const [slow, other] = [guarded('https://slow.example.com'), guarded(ORIGIN)]
    const failures = Promise.allSettled([slow, other])
    await clock.advance(1_000)
    expect([guarded.breakers.state('https://slow.example.com'), guarded.breakers.state(ORIGIN)]).toEqual([
      'closed',
      'open',
    ])
    await clock.advance(4_000)
    expect(await failures).toMatchObject([{ reason: { timeoutMs: 5_000 } }, { reason: { timeoutMs: 1_000 } }])
  })

  test('a response that comes too late is discarded', async () => {
    const { response, cancelled } = endless(200)
    let answer: (late: Response) => void = () => {}
    const guarded = guard(() => new Promise<Response>((resolve) => (answer = resolve)), {
      timeoutMs: 1_000,
      fallback: () => 'spare',
    })
    const running = guarded(ORIGIN)
    await clock.advance(1_000)
    expect(await running).toBe('spare')
    answer(response)
    await clock.turns()
    expect(cancelled()).toBe(true)
  })

  test('also if it comes while the fallback is still busy', async () => {
    const { response, cancelled } = endless(200)
    let answer: (late: Response) => void = () => {}
    let finish: (spare: string) => void = () => {}
    const guarded = guard(() => new Promise<Response>((resolve) => (answer = resolve)), {
      timeoutMs: 1_000,
      fallback: () => new Promise((resolve) => (finish = resolve)),
    })
    const running = guarded(ORIGIN)
    await clock.advance(1_000)
    answer(response)
    await clock.turns()
    finish('spare')
    expect(await running).toBe('spare')
    expect(cancelled()).toBe(true)
  })
})

describe('a fallback', () => {
  test('is told what fetch was given, and why', async () => {
    const fallback = vi.fn(() => new Response('spare'))
    const init = { method: 'PUT' }
    const guarded = guard(async () => Promise.reject(networkError()), { fallback })
    expect(await (await guarded(ORIGIN, init)).text()).toBe('spare')
    await guarded(ORIGIN)
    expect(fallback.mock.calls).toMatchObject([
      [{ error: { message: 'fetch failed' }, args: [ORIGIN, init] }],
      [{ error: { code: 'ERR_CIRCUIT_OPEN' }, args: [ORIGIN, undefined] }],
    ])
  })

  test('sees the failed response, which is discarded when it has answered', async () => {
    const { response, cancelled } = endless(503)
    const seen: unknown[] = []
    const guarded = guard(async () => response, {
      fallback: async ({ result }) => {
        await clock.turns()
        seen.push((result as Response).status, cancelled())
        return 'spare'
      },
    })
    expect(await guarded(ORIGIN)).toBe('spare')
    expect([...seen, cancelled()]).toEqual([503, false, true])
  })

  test('that fails leaves no response behind either', async () => {
    const { response, cancelled } = endless(503)
    const guarded = guard(async () => response, { fallback: () => Promise.reject(new Error('no spare')) })
    await expect(guarded(ORIGIN)).rejects.toThrow('no spare')
    expect(cancelled()).toBe(true)
  })

  test.each([
    ['the response', (response: Response): Response => response],
    ['its body', (response: Response): Response => new Response(response.body, { status: 200 })],
  ])('may hand on %s', async (_, handOn) => {
    const { response, cancelled } = endless(503)
    const guarded = guard(async () => response, { fallback: ({ result }) => handOn(result as Response) })
    const answer = await guarded(ORIGIN)
    await clock.turns()
    expect([cancelled(), answer.bodyUsed]).toEqual([false, false])
  })

  test('may have read the body, or be reading it', async () => {
    const guarded = guard(answers(503), {
      fallback: async ({ result }) => new Response(`spare for ${await (result as Response).text()}`),
    })
    expect(await (await guarded(ORIGIN)).text()).toBe('spare for body')
    const { response, cancelled } = endless(503)
    const reading = guard(async () => response, {
      fallback: ({ result }) => (result as Response).body?.getReader(),
    })
    await reading(ORIGIN)
    await clock.turns()
    expect(cancelled()).toBe(false)
  })

  test('a fetch whose response has no body, or a strange one', async () => {
    for (const response of [
      { status: 503 },
      { status: 503, body: { cancel: () => Promise.reject(new Error('x')) } },
      { status: 503, body: {} },
    ]) {
      const guarded = guard(async () => response, { fallback: () => 'spare' })
      expect(await guarded(ORIGIN)).toBe('spare')
    }
  })
})

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['86400', 300_000],
    ['soon', 30_000],
  ])('%s', async (header, retryAfterMs) => {
    const guarded = guard(answers(503, { 'retry-after': header }))
    await guarded(ORIGIN)
    await expect(guarded(ORIGIN)).rejects.toMatchObject({ retryAfterMs })
  })

  test('of a response that does not count says nothing', async () => {
    const guarded = guard(answers(404, { 'retry-after': '120' }))
    await guarded(ORIGIN)
    expect(guarded.breakers.state(ORIGIN)).toBe('closed')
  })

  test('of a trial counts too', async () => {
    const guarded = guard(answers(429, { 'retry-after': '200' }), { openMs: 1_000 })
    await guarded(ORIGIN)
    await clock.advance(200_000)
    await guarded(ORIGIN)
    await expect(guarded(ORIGIN)).rejects.toMatchObject({ retryAfterMs: 300_000 })
  })

  test('the user’s own replaces it', async () => {
    const guarded = guard(answers(503, { 'retry-after': '120' }), { retryAfterMs: () => 7_000 })
    await guarded(ORIGIN)
    await expect(guarded(ORIGIN)).rejects.toMatchObject({ retryAfterMs: 7_000 })
  })
})

test('a body that streams is sent once, and not touched if the call is refused', async () => {
  const pulled = vi.fn((controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1)))
  const stream = (): ReadableStream => new ReadableStream({ pull: pulled }, { highWaterMark: 0 })
  const fetch = vi.fn(async (_input: unknown, init?: RequestInit) => {
    await (init?.body as ReadableStream).getReader().read()
    throw networkError()
  })
  const guarded = guard(fetch, { timeoutMs: 1_000 })
  await expect(guarded(ORIGIN, { method: 'POST', body: stream(), duplex: 'half' })).rejects.toThrow(
    'fetch failed',
  )
  expect([fetch.mock.calls.length, pulled.mock.calls.length]).toEqual([1, 1])
  const refused = stream()
  await expect(guarded(ORIGIN, { method: 'POST', body: refused, duplex: 'half' })).rejects.toThrow(
    CircuitOpenError,
  )
  expect([fetch.mock.calls.length, pulled.mock.calls.length, refused.locked]).toEqual([1, 1, false])
})

describe('options', () => {
  test('origins: exact in any spelling, patterns, RegExps; later entries win', async () => {
    const guarded = guard(answers(503), {
      openMs: 1_000,
      byOrigin: [
        { origins: '*.EXAMPLE.com', openMs: 2_000 },
        { origins: /^http:/, openMs: 3_000 },
        { origins: 'HTTPS://Api.Example.com:443/', openMs: 4_000 },
        { origins: 'http*://both.test', openMs: 5_000 },
      ],
    })
    const expected = {
      'https://other.test': 1_000,
      'https://www.example.com': 2_000,
      'http://www.example.com': 3_000,
      [ORIGIN]: 4_000,
      'http://both.test': 5_000,
      'https://both.test': 5_000,
    }
    for (const [origin, retryAfterMs] of Object.entries(expected)) {
      await guarded(`${origin}/path`)
      await expect(guarded(origin)).rejects.toMatchObject({ retryAfterMs })
    }
  })

  test('at most so many origins', async () => {
    const guarded = guard(answers(200), { maxOrigins: 2 })
    for (let n = 0; n < 5; n += 1) await guarded(`https://${n}.example.com`)
    expect([...guarded.breakers.keys()]).toEqual(['https://3.example.com', 'https://4.example.com'])
  })

  test('closed, it lets everything pass', async () => {
    const guarded = guard(answers(503), { timeoutMs: 1_000 })
    await guarded(ORIGIN)
    guarded.breakers.close()
    for (let n = 0; n < 3; n += 1) expect((await guarded(ORIGIN)).status).toBe(503)
  })

  test.each([
    ['options of guardFetch', null],
    ['maxOrigins', { maxOrigins: 0 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['guardFetch.name', { name: 'x' }],
    ['guardFetch.maxKeys', { maxKeys: 1 }],
    ['byOrigin', { byOrigin: {} }],
    ['byOrigin[0]', { byOrigin: [7] }],
    ['byOrigin[0].origins', { byOrigin: [{}] }],
    ['byOrigin[0].origins', { byOrigin: [{ origins: 7 }] }],
    ['byOrigin[0].origins', { byOrigin: [{ origins: 'example.com' }] }],
    ['byOrigin[0].origins', { byOrigin: [{ origins: 'https://example.com/path' }] }],
    ['byOrigin[0].origins', { byOrigin: [{ origins: 'https://*.example.com/path' }] }],
    ['byOrigin[0].origins', { byOrigin: [{ origins: 'example.*' }] }],
    ['byOrigin[0].keys', { byOrigin: [{ origins: ORIGIN, keys: 'a' }] }],
    ['openMs', { byOrigin: [{ origins: ORIGIN, openMs: 0 }] }],
  ])('%s is checked: %o', (option, options) => {
    expect(() => guardFetch(fetch, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }) as Error,
    )
  })

  test('the rest of what is wrong', () => {
    expect(() => guardFetch(undefined as never)).toThrow(InvalidOptionError)
    expect(() => guardFetch(fetch, { openMs: 2, longestOpenMs: 1 })).toThrow(ContradictoryOptionsError)
  })
})
