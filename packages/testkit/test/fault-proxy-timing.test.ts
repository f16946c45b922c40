import { describe, expect, test } from 'vitest'

import { eventually } from '../src/index.ts'
import { say, setUpProxy } from './support/proxy-setup.ts'

describe('latency', () => {
  const timeOf = async (work: () => Promise<void>) => {
    const start = performance.now()
    await work()
    return performance.now() - start
  }

  test('delays each direction, and ends with the mode', async () => {
    const { proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'latency', ms: 150 })
    expect(await timeOf(() => say(client, 'slow'))).toBeGreaterThanOrEqual(300)
    await proxy.set({ kind: 'latency', ms: 60_000 })
    client.socket.write('!')
    await eventually(() => expect(client.socket.writableLength).toBe(0))
    await proxy.set('pass')
    await eventually(() => expect(client.received()).toBe('slow!'))
  })

  test('in one direction only', async () => {
    const { echo, proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'latency', ms: 60_000 }, 'down')
    client.socket.write('up')
    await eventually(() => expect(echo.received()).toBe('up'))
    expect(client.received()).toBe('')
  })

  test('does not add up over the pieces of a stream, and keeps their order', async () => {
    const { proxy, connected } = await setUpProxy()
    const client = await connected()
    await proxy.set({ kind: 'latency', ms: 200, jitterMs: 50 }, 'up')
    const pieces = Array.from({ length: 20 }, (_, index) => `${index};`)
    const took = await timeOf(async () => {
      for (const piece of pieces) client.socket.write(piece)
      await eventually(() => expect(client.received()).toBe(pieces.join('')))
    })
    expect(took).toBeGreaterThanOrEqual(200)
    expect(took).toBeLessThan(20 * 200)
  })
})

test('slow-drip keeps to its rate', async () => {
  const { proxy, connected } = await setUpProxy()
  const client = await connected()
  await proxy.set({ kind: 'slow-drip', bytesPerSecond: 1_000 }, 'down')
  const start = performance.now()
  client.socket.write('x'.repeat(500))
  await eventually(() => expect(client.received().length).toBeGreaterThan(0))
  expect(client.received().length).toBeLessThan(500)
  await eventually(() => expect(client.received()).toHaveLength(500))
  // The last slice of 20 bytes does not wait for its own time to pass.
  expect(performance.now() - start).toBeGreaterThanOrEqual(479)
})
