import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below every system's range of ephemeral ports: while a server is down, no outgoing connection can be given
// its port, and a client cannot be connected to itself.
const LOWEST = 15_000
const HIGHEST = 32_000
const MAX_ATTEMPTS = 50

/** A TCP port on which nothing listens now, and which can be listened on again after a restart. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await canListen(host, port)) return port
  }
  throw new Error(`no free port on ${host} in ${MAX_ATTEMPTS} attempts`)
}

async function canListen(host: string, port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
