import { getEventListeners, once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { afterEach, beforeEach, expect } from 'vitest'
import { httpPing, type HttpPingRequest } from './http-ping.ts'

let server: Server | TcpServer
/** What the servers of a test have accepted. */
export const connections: Socket[] = []

beforeEach(() => {
  connections.length = 0
})

afterEach(async () => {
  for (const socket of connections) socket.destroy()
  await closeServer()
})

export function closeServer(): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve))
}

async function started(made: Server | TcpServer): Promise<URL> {
  server = made.listen(0, '127.0.0.1')
  made.on('connection', (socket: Socket) => connections.push(socket.unref().on('error', () => {})))
  await once(server, 'listening')
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/health?a=b`)
}

/** A server that answers with Node's own HTTP. */
export function serve(listener: RequestListener): Promise<URL> {
  return started(createServer(listener))
}

/** A server that sends these bytes to whoever asks, whatever they are. */
export function serveRaw(answer: (socket: Socket) => void): Promise<URL> {
  return started(createTcpServer((socket) => socket.once('data', () => answer(socket))))
}

export const isOk = ({ ok }: Response): boolean => ok

/** Fails if the ping left a listener on its signal, or its connection open. */
export async function ping(
  url: URL,
  isHealthy: HttpPingRequest['isHealthy'] = isOk,
  more: object = {},
): Promise<void> {
  const { signal } = new AbortController()
  try {
    await httpPing({ url, isHealthy, ...more }, { signal })
  } finally {
    await expectFreed(signal)
  }
}

export async function expectFreed(signal: AbortSignal): Promise<void> {
  expect(getEventListeners(signal, 'abort')).toEqual([])
  for (const socket of connections) await closed(socket)
}

/** Not `once`: that rejects at the reset of a connection, and to be reset is one way to be freed. */
function closed(socket: Socket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.on('close', resolve))
}
