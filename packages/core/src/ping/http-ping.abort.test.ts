import { describe, expect, test } from 'vitest'
import { connections, expectFreed, isOk, serve, serveRaw } from './http-ping.test-support.ts'
import { httpPing, type HttpPingRequest } from './http-ping.ts'

describe('abort', () => {
  const OK_HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'

  async function expectAbort(
    url: URL,
    ready: Promise<unknown>,
    isHealthy: HttpPingRequest['isHealthy'] = isOk,
  ) {
    const controller = new AbortController()
    const pinging = httpPing({ url, isHealthy }, controller).catch((reason: unknown) => reason)
    await ready
    const reason = new Error('too late')
    controller.abort(reason)
    expect(await pinging).toBe(reason)
    await expectFreed(controller.signal)
  }

  function defer(): { promise: Promise<void>; resolve: () => void } {
    let resolve = (): void => {}
    const promise = new Promise<void>((done) => (resolve = done))
    return { promise, resolve }
  }

  test('before: nothing is sent', async () => {
    const url = await serve(() => {})
    const reason = new Error('too late')
    const pinging = httpPing({ url, isHealthy: isOk }, { signal: AbortSignal.abort(reason) })
    await expect(pinging).rejects.toBe(reason)
    expect(connections).toEqual([])
  })

  test('while connecting', async () => {
    await expectAbort(await serve(() => {}), Promise.resolve())
  })

  test('a silent server', async () => {
    const asked = defer()
    const url = await serveRaw(asked.resolve)
    await expectAbort(url, asked.promise)
  })

  test('a body that drips', async () => {
    const asked = defer()
    const url = await serveRaw((socket) => {
      socket.on('error', () => {})
      socket.write(OK_HALF)
      const drip = setInterval(() => socket.write('.'), 1)
      socket.on('close', () => clearInterval(drip))
      asked.resolve()
    })
    await expectAbort(url, asked.promise)
  })

  test('while isHealthy thinks; what it says later is dropped', async () => {
    const asked = defer()
    const url = await serve((_, response) => response.end())
    let refuse: (reason: Error) => void = () => {}
    await expectAbort(url, asked.promise, () => {
      asked.resolve()
      return new Promise<boolean>((_, reject) => (refuse = reject))
    })
    refuse(new Error('nobody hears this'))
  })

  test('after: changes nothing', async () => {
    const url = await serve((_, response) => response.end())
    const controller = new AbortController()
    await httpPing({ url, isHealthy: isOk }, controller)
    controller.abort()
    await expectFreed(controller.signal)
  })
})

test('a pending ping does not keep the process alive', async () => {
  let asked = (): void => {}
  const url = await serveRaw(() => asked())
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const controller = new AbortController()
  const pinging = httpPing({ url, isHealthy: isOk }, controller).catch(() => {})
  await isAsked
  expect(process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap')).toEqual([])
  controller.abort()
  await pinging
})
