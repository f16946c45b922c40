import { describe, expect, test } from 'vitest'
import { CallTimeoutError, CircuitOpenError, consecutiveFailures, guardFetch } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { arrived, expectFreed, serve, serveRaw } from './support.ts'

const once = { tripRule: consecutiveFailures(1) }

describe('an upstream that dies and returns', () => {
  test('killed: refused after so many failures without a connection; back: a trial closes the circuit', async () => {
    const upstream = await serve((_, response) => response.end('fine'))
    const clock = new FakeClock()
    const guarded = guardFetch(fetch, { tripRule: consecutiveFailures(2), clock })
    expect(await (await guarded(upstream.url)).text()).toBe('fine')
    await upstream.kill()
    for (let n = 0; n < 2; n += 1) await expect(guarded(upstream.url)).rejects.toThrow('fetch failed')
    const refusal: unknown = await guarded(upstream.url).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(CircuitOpenError)
    expect(refusal).toMatchObject({ service: upstream.origin })
    expect(String((refusal as Error).message)).not.toContain('hunter2')

    await serve((_, response) => response.end('back'), Number(new URL(upstream.url).port))
    await clock.advance(30_000)
    expect(guarded.breakers.state(upstream.origin)).toBe('half-open')
    expect(await (await guarded(upstream.url)).text()).toBe('back')
    expect(guarded.breakers.state(upstream.origin)).toBe('closed')
  })

  test('it resets the connection in the middle of the headers', async () => {
    const upstream = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nCont', () => socket.resetAndDestroy())
    })
    const guarded = guardFetch(fetch, once)
    await expect(guarded(upstream.url)).rejects.toThrow('fetch failed')
    expect(guarded.breakers.state(upstream.origin)).toBe('open')
  })

  test('it ends the connection without an answer', async () => {
    const upstream = await serveRaw((socket) => socket.end())
    const guarded = guardFetch(fetch, once)
    await expect(guarded(upstream.url)).rejects.toThrow('fetch failed')
    expect(guarded.breakers.state(upstream.origin)).toBe('open')
  })

  test('it speaks no HTTP', async () => {
    const upstream = await serveRaw((socket) => socket.end('-ERR unknown command\r\n'))
    const guarded = guardFetch(fetch, once)
    await expect(guarded(upstream.url)).rejects.toThrow('fetch failed')
    expect(guarded.breakers.state(upstream.origin)).toBe('open')
  })

  test('it speaks no TLS', async () => {
    const upstream = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const guarded = guardFetch(fetch, once)
    const origin = upstream.origin.replace('http:', 'https:')
    await expect(guarded(origin)).rejects.toThrow('fetch failed')
    expect(guarded.breakers.state(origin)).toBe('open')
  })
})

describe('an upstream that hangs', () => {
  test('timeoutMs: the request is aborted, its connection is cut, and it has failed', async () => {
    const upstream = await serve(() => {})
    const clock = new FakeClock()
    const guarded = guardFetch(fetch, { ...once, timeoutMs: 1_000, clock })
    const failed = expect(guarded(upstream.url)).rejects.toBeInstanceOf(CallTimeoutError)
    await arrived(upstream)
    await clock.advance(1_000)
    await failed
    await expectFreed(upstream)
    await expect(guarded(upstream.url)).rejects.toBeInstanceOf(CircuitOpenError)
  })

  test('headers that never end', async () => {
    const upstream = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\nx: '))
    const clock = new FakeClock()
    const guarded = guardFetch(fetch, { ...once, timeoutMs: 1_000, clock })
    const failed = expect(guarded(upstream.url)).rejects.toBeInstanceOf(CallTimeoutError)
    await arrived(upstream)
    await clock.advance(1_000)
    await failed
    await expectFreed(upstream)
    expect(guarded.breakers.state(upstream.origin)).toBe('open')
  })

  test('AbortSignal.timeout() of the caller: a failure', async () => {
    const upstream = await serve(() => {})
    const guarded = guardFetch(fetch, { ...once, timeoutMs: 20_000 })
    await expect(guarded(upstream.url, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await expectFreed(upstream)
    expect(guarded.breakers.state(upstream.origin)).toBe('open')
  })

  test.each([{}, { timeoutMs: 20_000 }])(
    'a caller who gives up: none, and the connection is cut (%o)',
    async (more) => {
      const upstream = await serve(() => {})
      const guarded = guardFetch(fetch, { ...once, ...more })
      const caller = new AbortController()
      const running = guarded(upstream.url, { signal: caller.signal })
      await arrived(upstream)
      caller.abort()
      await expect(running).rejects.toMatchObject({ name: 'AbortError' })
      await expectFreed(upstream)
      expect(guarded.breakers.state(upstream.origin)).toBe('closed')
    },
  )

  test('the signal of a Request is honoured beside the time limit', async () => {
    const upstream = await serve(() => {})
    const guarded = guardFetch(fetch, { ...once, timeoutMs: 20_000 })
    const caller = new AbortController()
    const running = guarded(new Request(upstream.url, { signal: caller.signal }))
    await arrived(upstream)
    caller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    await expectFreed(upstream)
  })
})

describe('a body that takes its time', () => {
  test('is no matter of timeoutMs', async () => {
    let finish = (): void => {}
    const upstream = await serve((_, response) => {
      response.write('one ')
      finish = () => response.end('two')
    })
    const clock = new FakeClock()
    const guarded = guardFetch(fetch, { ...once, timeoutMs: 50, clock })
    const response = await guarded(upstream.url)
    await clock.advance(5_000)
    finish()
    expect(await response.text()).toBe('one two')
    expect(guarded.breakers.state(upstream.origin)).toBe('closed')
  })

  test.each([{}, { timeoutMs: 20_000 }])(
    'can be given up by the caller while it is read (%o)',
    async (more) => {
      const upstream = await serve((_, response) => void response.write('one'))
      const guarded = guardFetch(fetch, { ...once, ...more })
      const caller = new AbortController()
      const response = await guarded(upstream.url, { signal: caller.signal })
      const reading = response.text()
      caller.abort()
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
      await expectFreed(upstream)
      expect(guarded.breakers.state(upstream.origin)).toBe('closed')
    },
  )
})

describe('requests', () => {
  test('a body that streams arrives, once, also with a time limit', async () => {
    const bodies: string[] = []
    const upstream = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        bodies.push(body)
        response.writeHead(503).end()
      })
    })
    const guarded = guardFetch(fetch, { tripRule: consecutiveFailures(3), timeoutMs: 20_000 })
    const stream = new Blob(['streamed']).stream() as unknown as ReadableStream
    const response = await guarded(upstream.url, { method: 'POST', body: stream, duplex: 'half' })
    expect(response.status).toBe(503)
    const request = new Request(upstream.url, { method: 'POST', body: 'in a Request' })
    await guarded(request)
    expect(request.bodyUsed).toBe(true)
    expect(bodies).toEqual(['streamed', 'in a Request'])
  })

  test('a Request stands for options', async () => {
    const upstream = await serve((request, response) =>
      response.end(`${request.method} ${String(request.headers['x-a'])}`),
    )
    const guarded = guardFetch(fetch, { timeoutMs: 20_000 })
    const options = new Request(upstream.url, { method: 'PUT', headers: { 'x-a': 'b' } })
    expect(await (await guarded(upstream.url, options)).text()).toBe('PUT b')
  })
})

describe('Retry-After', () => {
  test('of a 503 becomes the open time, and the response reaches the caller with its body', async () => {
    const upstream = await serve((_, response) =>
      response.writeHead(503, { 'retry-after': '77' }).end('busy'),
    )
    const guarded = guardFetch(fetch, { ...once, clock: new FakeClock() })
    const response = await guarded(upstream.url)
    expect([response.status, await response.text()]).toEqual([503, 'busy'])
    await expect(guarded(upstream.url)).rejects.toMatchObject({ retryAfterMs: 77_000 })
  })

  test('a date', async () => {
    const clock = new FakeClock()
    const inAMinute = new Date(clock.wallNow() + 60_000).toUTCString()
    const upstream = await serve((_, response) => response.writeHead(429, { 'retry-after': inAMinute }).end())
    const guarded = guardFetch(fetch, { ...once, clock })
    await guarded(upstream.url)
    await expect(guarded(upstream.url)).rejects.toMatchObject({ retryAfterMs: 60_000 })
  })
})
