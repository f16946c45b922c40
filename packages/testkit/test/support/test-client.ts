import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'

export interface TestClient extends Disposable {
  readonly socket: Socket
  readonly received: () => string
  /** In order: "connect", "end", the code of an error, "close". */
  readonly seen: readonly string[]
}

/** A client that writes down all that happens to it. */
export function openClient({ host, port }: { host: string; port: number }): TestClient {
  const socket = connect({ host, port, allowHalfOpen: true })
  const seen: string[] = []
  let received = ''
  socket.on('connect', () => seen.push('connect'))
  socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')))
  socket.on('end', () => seen.push('end'))
  socket.on('error', (error: NodeJS.ErrnoException) => seen.push(error.code ?? error.message))
  socket.on('close', () => seen.push('close'))
  return { socket, received: () => received, seen, [Symbol.dispose]: () => void socket.destroy() }
}

export async function openConnectedClient(at: { host: string; port: number }): Promise<TestClient> {
  const client = openClient(at)
  await once(client.socket, 'connect')
  return client
}
