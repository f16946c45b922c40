import { eventually, handleSnapshot, watchForCrashes, type HandleSnapshot } from '@failover/testkit'
import type { PostgresServer } from '@failover/testkit'
import { expect } from 'vitest'
import { createFailoverPool, type FailoverPool, type FailoverPoolOptions } from '../../src/index.ts'

/** Brisk, so that tests are; every bound in a test is far wider. */
export const QUICK = {
  holdDownMs: 300,
  pingIntervals: { monitoringMs: 1_000, outageMs: 200, errorMs: 100 },
} as const

export interface Target {
  name: string
  config: object
}

/** A target that is one of our servers, or something in front of it. */
export function at(name: string, server: PostgresServer, changes: Record<string, unknown> = {}): Target {
  return { name, config: { ...server.config(), ...changes } }
}

/**
 * Works with a pool, ends it, and checks that the process neither would have crashed nor keeps a socket, a timer or a
 * listener.
 */
export async function usingPool<T>(
  options: FailoverPoolOptions,
  work: (pool: FailoverPool) => Promise<T>,
): Promise<T> {
  const before = handleSnapshot()
  using crashes = watchForCrashes()
  const pool = createFailoverPool({ ...QUICK, ...options })
  const result = await work(pool).catch(async (error: unknown) => {
    await pool.end()
    throw error
  })
  await pool.end()
  await nothingLeft(before)
  expect(crashes.errors).toEqual([])
  return result
}

/** Servers and proxies of the testkit come and go as a test wishes. */
export async function nothingLeft(before: HandleSnapshot): Promise<void> {
  using snapshot = before
  await eventually(() => expect(snapshot.remains().filter((line) => !isOfTestkit(line))).toEqual([]), {
    timeoutMs: 5_000,
  })
}

/** Ports below these are servers'; `freePort` gives no others. */
const FIRST_EPHEMERAL_PORT = 32_768

/** Sockets that a proxy has accepted were made nowhere in particular; they are known by their port. */
function isOfTestkit(resource: string): boolean {
  const ownPort = /^TCPWRAP \S+:(\d+) ->/.exec(resource)?.[1]
  if (ownPort !== undefined && Number(ownPort) < FIRST_EPHEMERAL_PORT) return true
  return /\/testkit\/src\/|^TCPSERVERWRAP$|^listeners of process/.test(resource)
}

/** Starts what a test has killed. */
export async function revive(...servers: PostgresServer[]): Promise<void> {
  for (const server of servers) {
    if (server.isFrozen) await server.resume()
    if (!server.isRunning) await server.start()
  }
}
