import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { describe, test } from 'vitest'
import { HttpService, Service } from '../../src/index.ts'
import { serviceContract, type ServiceHarness } from '../../src/testing/index.ts'

/** A server in this process that can be killed and made to hang; its port stays. */
class LocalServer {
  port = 0
  isSilent = false
  readonly #sockets = new Set<Socket>()
  #server: Server | HttpServer | undefined
  readonly #make: (isSilent: () => boolean) => Server | HttpServer

  constructor(make: (isSilent: () => boolean) => Server | HttpServer) {
    this.#make = make
  }

  async listen(): Promise<void> {
    const server = this.#make(() => this.isSilent)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => (this.#server === undefined ? resolve(0) : this.#server.close(resolve)))
    this.#server = undefined
  }
}

async function start(
  make: (isSilent: () => boolean) => Server | HttpServer,
  makeService: (port: number) => Service,
): Promise<ServiceHarness> {
  const server = new LocalServer(make)
  await server.listen()
  return {
    makeService: () => makeService(server.port),
    kill: () => server.close(),
    hang: async () => void (server.isSilent = true),
    restore: async () => {
      server.isSilent = false
      await server.listen()
    },
    dispose: () => server.close(),
  }
}

serviceContract(
  { describe, test },
  {
    name: 'HttpService',
    start: () =>
      start(
        (isSilent) => createHttpServer((_request, response) => void (isSilent() || response.end('ok'))),
        (port) => new HttpService({ name: 'http', url: `http://127.0.0.1:${port}/` }),
      ),
  },
)

serviceContract(
  { describe, test },
  {
    name: 'Service with host and port',
    cannotHang: 'it only connects: a kernel accepts for a process that is frozen',
    start: () =>
      start(
        () => createServer(),
        (port) => new Service({ name: 'tcp', host: '127.0.0.1', port }),
      ),
  },
)
