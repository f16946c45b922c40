import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'

export interface EchoServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** All that it was sent, over all connections. */
  readonly received: () => string
  readonly sockets: ReadonlySet<Socket>
  /** How connections ended as seen from here: "end", or the code of an error. */
  readonly ends: readonly string[]
}

/** Answers with what it is sent. */
export async function startEchoServer(): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  const ends: string[] = []
  let received = ''
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1')
      if (socket.writable) socket.write(bytes)
    })
    socket.on('end', () => ends.push('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message))
    socket.on('close', () => sockets.delete(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    received: () => received,
    sockets,
    ends,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
