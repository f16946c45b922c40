import type { IncomingMessage } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { InvalidOptionError, PingError } from '../errors.ts'
import { closeServer, connections, isOk, ping, serve, serveRaw } from './http-ping.test-support.ts'

const CANARY = 'hunter2-canary'

describe('what is asked', () => {
  test('a GET with path, query and headers, on a connection of its own', async () => {
    const asked: IncomingMessage[] = []
    const url = await serve((request, response) => {
      asked.push(request)
      response.end('fine')
    })
    await ping(url, isOk, { headers: { 'x-ping': '1' } })
    await ping(url)
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/health?a=b' })
    expect(asked[0]?.headers).toMatchObject({ 'x-ping': '1', connection: 'close', host: url.host })
    expect(connections).toHaveLength(2)
  })

  test.each([
    ['us%40er', 'p%2Fw%3A', 'us@er:p/w:'],
    ['', 'only', ':only'],
    ['100%', 'x', '100%:x'],
  ])('user-info %s:%s is sent as Basic authorization', async (username, password, expected) => {
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end()
    })
    await ping(new URL(url.href.replace('//', `//${username}:${password}@`)))
    expect(seen).toEqual([`Basic ${Buffer.from(expected).toString('base64')}`])
  })

  test('any other protocol is refused', async () => {
    await serve(() => {})
    await expect(ping(new URL('ftp://example.org/'))).rejects.toBeInstanceOf(InvalidOptionError)
  })
})

describe('what is answered', () => {
  test('isHealthy is given status, headers and body', async () => {
    const url = await serve((_, response) => {
      response.writeHead(
        201,
        'Very Made',
        [
          ['x-list', 'a'],
          ['x-list', 'b'],
          ['content-type', 'application/json'],
        ].flat(),
      )
      response.end('{"up":true}')
    })
    await ping(url, async (response) => {
      expect(response).toBeInstanceOf(Response)
      expect([response.status, response.statusText]).toEqual([201, 'Very Made'])
      expect(response.headers.get('x-list')).toBe('a, b')
      expect(await response.json()).toEqual({ up: true })
      return true
    })
  })

  test('an unhealthy answer: an error that names host and status, and nothing of the URL’s credentials', async () => {
    const url = await serve((_, response) => response.writeHead(503).end(CANARY))
    url.username = 'user'
    url.password = CANARY
    url.searchParams.set('token', CANARY)
    const error = await ping(url).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PingError)
    expect(error).toMatchObject({ code: 'ERR_PING_FAILED', message: `${url.host} answered 503` })
  })

  test('isHealthy decides, also asynchronously, and its error is passed on', async () => {
    const url = await serve((_, response) => response.writeHead(500).end())
    await ping(url, ({ status }) => Promise.resolve(status === 500))
    await expect(ping(url, () => Promise.resolve(false))).rejects.toBeInstanceOf(PingError)
    const bug = new TypeError('bug')
    await expect(ping(url, () => Promise.reject(bug))).rejects.toBe(bug)
  })

  test.each([204, 205, 304])('status %i has no body', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end())
    await ping(url, (response) => response.status === status && response.body === null)
  })

  test('a redirect is not followed', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    await ping(url, ({ status, headers }) => status === 302 && headers.get('location') === '/elsewhere')
    await expect(ping(url)).rejects.toMatchObject({ message: `${url.host} answered 302` })
    expect(requests).toBe(2)
  })

  test.each([199, 600, 999])('status %i, of which no Response can be made, is unhealthy', async (status) => {
    const url = await serveRaw((socket) => socket.end(`HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\n\r\n`))
    const isHealthy = vi.fn(() => true)
    const pinging = ping(url, isHealthy)
    if (status === 199) await expect(pinging).rejects.toThrow()
    else await expect(pinging).rejects.toMatchObject({ message: `${url.host} answered ${status}` })
    expect(isHealthy).not.toHaveBeenCalled()
  })

  test('an upgrade that nobody asked for settles', async () => {
    const url = await serveRaw((socket) =>
      socket.write('HTTP/1.1 101 Odd\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    )
    await expect(ping(url)).rejects.toMatchObject({
      message: `${url.host} closed the connection without an answer`,
    })
  })

  test('a strange reason phrase harms nothing', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 caf\u00e9 \u00ff\r\nContent-Length: 0\r\n\r\n', 'latin1'),
    )
    await ping(url, ({ statusText }) => statusText === 'caf\u00e9 \u00ff')
  })
})

describe('bodies', () => {
  test('a huge one is cut at 64 KiB, and the rest is never fetched', async () => {
    const url = await serve((_, response) => {
      response.on('error', () => {})
      const more = (): void =>
        void (response.write(Buffer.alloc(65_536, 'x')) ? setImmediate(more) : undefined)
      response.on('drain', more)
      more()
    })
    await ping(url, async (response) => (await response.text()) === 'x'.repeat(65_536))
  })

  test('one of exactly 64 KiB is whole', async () => {
    const url = await serve((_, response) => response.end('y'.repeat(65_536)))
    await ping(url, async (response) => (await response.text()) === 'y'.repeat(65_536))
  })

  test('a reset in the middle is an error of the connection', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy())
    })
    await expect(ping(url)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('an end in the middle too', async () => {
    const url = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
    await expect(ping(url)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('bad weather', () => {
  test('nobody listens', async () => {
    const url = await serve(() => {})
    await closeServer()
    await expect(ping(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('not HTTP at all', async () => {
    const url = await serveRaw((socket) => socket.end('-ERR unknown command\r\n'))
    await expect(ping(url)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) as string })
  })

  test('headers without end are capped', async () => {
    const url = await serveRaw((socket) => {
      socket.on('error', () => {})
      socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`)
    })
    await expect(ping(url)).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' })
  })
})
