import { startFaultProxy, startPostgresPair, type FaultProxy, type PostgresPair } from '@failover/testkit'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { revive } from './using-pool.ts'

/** A replicated pair for all tests of a file, and a proxy in front of one of the two, new for each test. */
export interface Servers {
  pair: PostgresPair
  proxy: FaultProxy
}

export interface ServersOptions {
  /** Run on the primary before the first test; the replica shows it. */
  readonly prepare?: string
  /** Which server the proxy stands in front of. Default: the replica. */
  readonly proxied?: 'primary' | 'replica'
  /** Run on the primary after each test. */
  readonly cleanUp?: string
}

/** Filled in before the first test; what a test kills or freezes runs again before the next one. */
export function useServers({ prepare, proxied = 'replica', cleanUp }: ServersOptions = {}): Servers {
  const servers = {} as Servers
  beforeAll(async () => {
    servers.pair = await startPostgresPair()
    if (prepare !== undefined) await servers.pair.primary.query(prepare)
    await servers.pair.waitForReplay()
  })
  beforeEach(async () => {
    servers.proxy = await startFaultProxy({ upstream: servers.pair[proxied] })
  })
  afterEach(async () => {
    await servers.proxy.close()
    await revive(servers.pair.primary, servers.pair.replica)
    if (cleanUp !== undefined) await servers.pair.primary.query(cleanUp)
  })
  afterAll(() => servers.pair.stop())
  return servers
}
