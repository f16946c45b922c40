import { describe, expect, test } from 'vitest'

import { eventually, expectNoNewHandles, handleSnapshot, startFaultProxy } from '../src/index.ts'
import { say, seenBy, setUpProxy } from './support/proxy-setup.ts'
import { openClient, openConnectedClient } from './support/test-client.ts'

describe('refuse', () => {
  test('refuses new connections, resets old ones, and lets in again', async () => {
    const { proxy, connected, isRefused } = await setUpProxy()
    const old = await connected()
    await say(old, 'hello')
    await proxy.set('refuse')
    await seenBy(old, 'ECONNRESET', 'close')
    await isRefused()
    await proxy.set('pass')
    await say(await connected(), 'again')
  })

  test('the last of several calls wins', async () => {
    const { proxy, isRefused } = await setUpProxy()
    await Promise.all([proxy.set('refuse'), proxy.set('pass'), proxy.set('refuse')])
    await isRefused()
  })
})

describe('accept-then-silence', () => {
  test('accepts without dialling; serves when the server wakes up', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const old = await connected()
    await say(old, 'old')
    await proxy.set('accept-then-silence')
    const fresh = await connected()
    fresh.socket.write('fresh')
    await say(old, ' still served')
    expect(echo.sockets.size).toBe(1)
    expect(echo.received()).toBe('old still served')
    expect(fresh.received()).toBe('')
    await proxy.set('pass')
    await eventually(() => expect(fresh.received()).toBe('fresh'))
  })
})

test('cutAll resets all live connections, and later ones work', async () => {
  const { echo, proxy, connected } = await setUpProxy()
  const some = [await connected(), await connected()]
  for (const client of some) await say(client, 'hello')
  proxy.cutAll()
  for (const client of some) await seenBy(client, 'ECONNRESET', 'close')
  await eventually(() => expect(echo.ends).toEqual(['ECONNRESET', 'ECONNRESET']))
  await say(await connected(), 'again')
})

test('refuses modes that make no sense', async () => {
  const { proxy, connected } = await setUpProxy()
  await expect(proxy.set({ kind: 'latency', ms: -1 })).rejects.toThrow('latency needs ms >= 0')
  await expect(proxy.set({ kind: 'slow-drip', bytesPerSecond: 0 })).rejects.toThrow(RangeError)
  await expect(proxy.set({ kind: 'reset', atByte: 0.5 }, 'up')).rejects.toThrow('a whole number')
  await expect(proxy.set({ kind: 'reset', atByte: 1 })).rejects.toThrow('needs a direction')
  await expect(proxy.set('refuse', 'up')).rejects.toThrow('has no direction')
  await say(await connected(), 'still passing')
})

test.each(['pass', 'black-hole', 'accept-then-silence', 'refuse'] as const)(
  'leaves nothing after close in mode %s',
  async (mode) => {
    const { echo } = await setUpProxy()
    const before = handleSnapshot()
    const other = await startFaultProxy({ upstream: echo })
    const client = await openConnectedClient(other)
    await other.set(mode)
    const late = openClient(other)
    await eventually(() => expect(late.seen).not.toEqual([]))
    await other.close()
    for (const each of [client, late]) each[Symbol.dispose]()
    await expectNoNewHandles(before)
  },
)
