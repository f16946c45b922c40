import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { afterEach, expect, vi } from 'vitest'

/** A real server on a port of its own. */
export class Upstream {
  readonly url: string
  readonly origin: string
  /** What it has accepted, in order. */
  readonly connections: Socket[] = []
  readonly #server: Server | TcpServer

  constructor(server: Server | TcpServer) {
    this.#server = server
    server.on('connection', (socket: Socket) => this.connections.push(socket.on('error', () => {})))
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.url = `${this.origin}/path?token=hunter2`
  }

  /**
   * Connections that are open and have carried a request. After one was cut undici may connect again, to have a
   * connection for the next request.
   */
  get open(): number {
    return this.connections.filter(({ destroyed, bytesRead }) => !destroyed && bytesRead > 0).length
  }

  /** Nobody listens there any more, and every connection is cut. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.connections) socket.resetAndDestroy()
    await closed
  }
}

const upstreams: Upstream[] = []

afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.kill().catch(() => {})))
})

async function started(server: Server | TcpServer, port = 0): Promise<Upstream> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const upstream = new Upstream(server)
  upstreams.push(upstream)
  return upstream
}

/** A server that answers with Node's own HTTP. */
export function serve(listener: RequestListener, port?: number): Promise<Upstream> {
  return started(createServer({ keepAliveTimeout: 60_000 }, listener), port)
}

/** A server that does this with whoever asks. */
export function serveRaw(answer: (socket: Socket) => void): Promise<Upstream> {
  return started(createTcpServer((socket) => socket.once('data', () => answer(socket))))
}

/** Looks again and again, for a time. */
export async function eventually(look: () => void): Promise<void> {
  await vi.waitFor(look, { timeout: 10_000, interval: 5 })
}

/** Waits until a request has got there. */
export async function arrived(upstream: Upstream): Promise<void> {
  await eventually(() => expect(upstream.open).toBe(1))
}

/** Fails unless every connection that has carried a request is closed. */
export async function expectFreed(upstream: Upstream): Promise<void> {
  await eventually(() => expect(upstream.open).toBe(0))
}
