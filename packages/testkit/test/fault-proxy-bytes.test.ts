import { describe, expect, test } from 'vitest'

import type { FaultProxy } from '../src/index.ts'
import { eventually, freePort, startFaultProxy } from '../src/index.ts'
import { say, seenBy, setUpProxy } from './support/proxy-setup.ts'
import { openConnectedClient } from './support/test-client.ts'

describe('pass', () => {
  test('forwards both ways and counts', async () => {
    const { proxy, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    expect(proxy.counters).toMatchObject({ connections: 1, bytesUp: 5, bytesDown: 5 })
  })

  test('passes ends on', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    client.socket.end('bye')
    await eventually(() => expect(echo.ends).toEqual(['end']))
    await eventually(() => expect(client.received()).toBe('bye'))
    for (const socket of echo.sockets) socket.end()
    await seenBy(client, 'end', 'close')
    await eventually(() => expect(proxy.liveConnections).toBe(0))
  })

  test('passes a reset by the server on', async () => {
    const { echo, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    for (const socket of echo.sockets) socket.resetAndDestroy()
    await seenBy(client, 'ECONNRESET', 'close')
  })

  test('passes a reset by the client on', async () => {
    const { echo, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    client.socket.resetAndDestroy()
    await eventually(() => expect(echo.ends).toEqual(['ECONNRESET']))
  })

  test('resets clients of a server that is not there', async () => {
    const port = await freePort()
    await using proxy = await startFaultProxy({ upstream: { host: '127.0.0.1', port } })
    using client = await openConnectedClient(proxy)
    await seenBy(client, 'ECONNRESET', 'close')
  })

  test('makes a fast sender wait for a slow receiver', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await eventually(() => expect(echo.sockets.size).toBe(1))
    for (const socket of echo.sockets) socket.pause()
    const total = 64 * 1024 * 1024
    let isTaken = false
    client.socket.write(Buffer.alloc(total), () => (isTaken = true))
    await standstill(proxy)
    expect(isTaken).toBe(false)
    for (const socket of echo.sockets) socket.resume()
    await eventually(() => expect(proxy.counters.bytesDown).toBe(total), { timeoutMs: 30_000 })
    expect(isTaken).toBe(true)
  })

  async function standstill(proxy: FaultProxy): Promise<void> {
    let before = -1
    const isStill = () => {
      const { bytesUp } = proxy.counters
      const isSame = bytesUp > 0 && bytesUp === before
      before = bytesUp
      return isSame
    }
    await eventually(isStill, { everyMs: 300, what: 'the stream to come to a halt' })
  }
})

describe('black-hole', () => {
  test('swallows on old and new connections, closes nothing', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const old = await connected()
    await say(old, 'old')
    await proxy.set('black-hole')
    const fresh = await connected()
    old.socket.write('lost')
    fresh.socket.write('lost')
    await eventually(() => expect(echo.sockets.size).toBe(2))
    for (const socket of echo.sockets) socket.write('lost')
    await eventually(() => expect(proxy.counters).toMatchObject({ swallowedUp: 8, swallowedDown: 8 }))
    expect([old.seen, fresh.seen]).toEqual([['connect'], ['connect']])
    await proxy.set('pass')
    const later = await connected()
    await say(later, 'later')
    expect(echo.received()).toBe('oldlater')
    expect([old.received(), fresh.received()]).toEqual(['old', ''])
    expect(proxy.counters.bytesUp).toBe('oldlater'.length)
  })

  test('keeps an end for itself until the mode changes', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    await proxy.set('black-hole')
    for (const socket of echo.sockets) socket.resetAndDestroy()
    await eventually(() => expect(echo.sockets.size).toBe(0))
    client.socket.write('anybody there?')
    await eventually(() => expect(proxy.counters.swallowedUp).toBe('anybody there?'.length))
    expect(client.seen).toEqual(['connect'])
    await proxy.set('pass')
    await seenBy(client, 'ECONNRESET', 'close')
  })

  test('in one direction leaves the other', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    await proxy.set('black-hole', 'down')
    client.socket.write(' world')
    await eventually(() => expect(echo.received()).toBe('hello world'))
    await eventually(() => expect(proxy.counters.swallowedDown).toBe(' world'.length))
    expect(client.received()).toBe('hello')
    expect(client.seen).toEqual(['connect'])
  })
})

describe('reset', () => {
  test.each([1, 7, 4096])('forwards exactly %i bytes up', async (atByte) => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'reset', atByte }, 'up')
    client.socket.write(Buffer.alloc(10_000, 'x'))
    await eventually(() => expect(client.seen.at(-1)).toBe('close'))
    await eventually(() => expect(echo.ends).toEqual(['ECONNRESET']))
    expect(proxy.counters.bytesUp).toBe(atByte)
    expect(echo.received()).toHaveLength(atByte)
  })

  test.each([1, 7, 4096])('forwards exactly %i bytes down', async (atByte) => {
    const { proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'reset', atByte }, 'down')
    client.socket.write(Buffer.alloc(10_000, 'x'))
    await seenBy(client, 'ECONNRESET', 'close')
    expect(client.received()).toHaveLength(atByte)
  })

  test('counts from the call of set, and per connection', async () => {
    const { proxy, connected } = await setUpProxy()
    const [one, two] = [await connected(), await connected()]
    await say(one, '0123456789')
    await proxy.set({ kind: 'reset', atByte: 4 }, 'down')
    for (const client of [one, two]) client.socket.write('abcdefgh')
    await seenBy(one, 'ECONNRESET', 'close')
    await seenBy(two, 'ECONNRESET', 'close')
    expect([one.received(), two.received()]).toEqual(['0123456789abcd', 'abcd'])
  })

  test('goes on counting when the other direction gets another mode', async () => {
    const { proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'reset', atByte: 4 }, 'down')
    await say(client, 'abc')
    await proxy.set({ kind: 'latency', ms: 1 }, 'up')
    client.socket.write('defgh')
    await seenBy(client, 'ECONNRESET', 'close')
    expect(client.received()).toBe('abcd')
  })

  test('at byte 0: at the first byte', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'reset', atByte: 0 }, 'down')
    client.socket.write('hello')
    await seenBy(client, 'ECONNRESET', 'close')
    expect([echo.received(), client.received()]).toEqual(['hello', ''])
  })
})

test('reply-drop: the request arrives, the reply does not', async () => {
  const { echo, proxy, connected } = await setUpProxy()
  const client = await connected()
  await say(client, 'a')
  await proxy.set('reply-drop')
  client.socket.write('b')
  await eventually(() => expect(client.seen.at(-1)).toBe(client.socket.destroyed ? 'close' : 'end'))
  expect(client.seen).toContain('end')
  expect([echo.received(), client.received()]).toEqual(['ab', 'a'])
})

describe('half-close', () => {
  test('up: the server sees the end, and can still speak', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    await proxy.set('half-close', 'up')
    await eventually(() => expect(echo.ends).toEqual(['end']))
    for (const socket of echo.sockets) socket.write(' goodbye')
    await eventually(() => expect(client.received()).toBe('hello goodbye'))
    expect(client.seen).toEqual(['connect'])
  })

  test('down: the client sees the end, and is still heard', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await say(client, 'hello')
    await proxy.set('half-close', 'down')
    await seenBy(client, 'end')
    client.socket.write(' world')
    await eventually(() => expect(echo.received()).toBe('hello world'))
    expect(client.received()).toBe('hello')
  })
})
