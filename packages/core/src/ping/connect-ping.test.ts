import { getEventListeners, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connectPing, type ConnectTarget } from './connect-ping.ts'

let server: Server
let accepted: Promise<Socket>

afterEach(() => new Promise((resolve) => server.close(resolve)))

/** Accepts and says nothing. */
async function listen(options: ListenOptions): Promise<number> {
  server = createServer((socket) => socket.resume()).listen(options)
  accepted = once(server, 'connection').then(([socket]) => socket as Socket)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Fails if the ping left a listener on its signal or its end of the connection open. */
async function expectPing(target: ConnectTarget): Promise<void> {
  const { signal } = new AbortController()
  await connectPing(target, { signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const socket = await accepted
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve))
}

/** Not every host has IPv6. */
const loopbacks = ['127.0.0.1', '::1'].filter((address) =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some((each) => each.address === address)),
)

test.each([...loopbacks, 'localhost'])('a listening TCP port on %s is up', async (host) => {
  await expectPing({ host, port: await listen({ port: 0, host }) })
})

test('a listening unix socket is up, one that is not there is down', async ({ onTestFinished }) => {
  const directory = await mkdtemp(join(tmpdir(), 'failover-ping-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 's')
  await listen({ path })
  await expectPing({ path })
  const { signal } = new AbortController()
  await expect(connectPing({ path: `${path}2` }, { signal })).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a port on which nobody listens rejects with the error of the socket', async () => {
  const port = await listen({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.close(resolve))
  const { signal } = new AbortController()
  const pinging = connectPing({ host: '127.0.0.1', port }, { signal })
  await expect(pinging).rejects.toMatchObject({ code: 'ECONNREFUSED', port })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

describe('abort', () => {
  test('before: nothing is connected', async () => {
    const port = await listen({ port: 0, host: '127.0.0.1' })
    const reason = new Error('too late')
    const pinging = connectPing({ host: '127.0.0.1', port }, { signal: AbortSignal.abort(reason) })
    await expect(pinging).rejects.toBe(reason)
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
    expect(connections).toBe(0)
  })

  test('while connecting: rejects with the reason at once, and frees the socket', async () => {
    const port = await listen({ port: 0, host: '127.0.0.1' })
    const before = activeSockets()
    const controller = new AbortController()
    const pinging = connectPing({ host: '127.0.0.1', port }, controller)
    controller.abort('enough')
    await expect(pinging).rejects.toBe('enough')
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    expect(activeSockets()).toBe(before)
  })

  test('after: changes nothing', async () => {
    const port = await listen({ port: 0, host: '127.0.0.1' })
    const controller = new AbortController()
    await connectPing({ host: '127.0.0.1', port }, controller)
    controller.abort()
    await accepted
  })
})

test('a pending ping does not keep the process alive', async () => {
  const port = await listen({ port: 0, host: '127.0.0.1' })
  const before = activeSockets()
  const pinging = connectPing({ host: '127.0.0.1', port }, new AbortController())
  const during = activeSockets()
  await pinging
  expect(during).toBe(before)
})

/** Sockets that keep this process alive. */
function activeSockets(): number {
  return process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length
}
