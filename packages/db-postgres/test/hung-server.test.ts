import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { AcquireTimeoutError, ConnectionLostError } from '@failover/core'
import { eventually, freePort } from '@failover/testkit'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { FailoverPool } from '../src/index.ts'
import { useServers } from './support/servers.ts'
import { at, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, moved, servedBy, WHO, withClient } from './support/ways.ts'

const servers = useServers()

const both = (changes: Record<string, unknown> = {}) => ({
  targets: [
    at('replica', servers.pair.replica, { port: servers.proxy.port, ...changes }),
    at('primary', servers.pair.primary),
  ],
})

/** So many connections to the preferred target, all idle. */
async function fill(pool: FailoverPool, connections: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
}

/** Reads survive it: those in flight, those on idle connections, those that need a new one. */
async function survives(hang: () => unknown): Promise<void> {
  await usingPool(both(), async (pool) => {
    await fill(pool, 3)
    await hang()
    expect(await servedBy(pool)).toEqual(moved(servers.pair.primary.port))
    await eventually(() => pool.activeTarget === 'primary')
    const startedAt = performance.now()
    expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
}

describe('reads survive', () => {
  test('a server that is frozen', () => survives(() => servers.pair.replica.freeze()))

  test('a black hole', () => survives(() => servers.proxy.set('black-hole')))

  test('a server whose answers are lost', () => survives(() => servers.proxy.set('black-hole', 'down')))

  test('a server that accepts and says nothing, its old connections cut', () =>
    survives(async () => {
      await servers.proxy.set('accept-then-silence')
      servers.proxy.cutAll()
    }))

  test('a host that drops every SYN', async () => {
    await using host = await startMuteHost()
    const targets = [
      at('mute', servers.pair.replica, { port: host.port }),
      at('primary', servers.pair.primary),
    ]
    await usingPool({ targets }, async (pool) => {
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
      await eventually(() => pool.activeTarget === 'primary')
    })
  })

  test('a frozen server when the pool is exhausted', async () => {
    await usingPool(both({ max: 2 }), async (pool) => {
      const held = await Promise.all([pool.connect(), pool.connect()])
      await Promise.all(held.map((client) => client.query(WHO)))
      const waiting = servedBy(pool)
      await eventually(() => expect(pool.waitingCount).toBeGreaterThan(2))
      await servers.pair.replica.freeze()
      expect(await waiting).toEqual(allWays(servers.pair.primary.port))
      for (const client of held) client.release(true)
    })
  })

  test('a frozen server, while our own process stalls: its ping is inconclusive, and nobody may fail for that', async () => {
    await usingPool(both({ max: 2 }), async (pool) => {
      await fill(pool, 2)
      await servers.pair.replica.freeze()
      const waiting = [...Array<unknown>(5)].map(() => servedBy(pool))
      await eventually(() => expect(pool.targets[0]?.load).toBeGreaterThan(0))
      await turnsUntil(600)
      const until = performance.now() + 700
      while (performance.now() < until);
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => moved(servers.pair.primary.port)))
    })
  })

  test('a frozen server whose pings are allowed more time than a connection', async () => {
    const patient = { pingTimeoutMs: 20_000, acquireTimeoutMs: 500 }
    await usingPool({ ...both(), ...patient }, async (pool) => {
      await servers.pair.replica.freeze()
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
    })
  })
})

describe('what hangs is told', () => {
  test('nothing else is there: every way ends with a typed error', async () => {
    await usingPool({ targets: both().targets.slice(0, 1) }, async (pool) => {
      await fill(pool, 3)
      await servers.pair.replica.freeze()
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(error).toSatisfy(isTyped, JSON.stringify(error))
      await eventually(() => pool.targets[0]?.circuit === 'open')
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(error).toSatisfy(isTyped, JSON.stringify(error))
      await servers.pair.replica.resume()
      await eventually(async () => expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port)))
    })
  })

  test('a second statement of a checkout: ConnectionLostError', async () => {
    await usingPool(both(), async (pool) => {
      await withClient(pool, async (client) => {
        await client.query(WHO)
        await servers.pair.replica.freeze()
        expect(await failureOf(client.query(WHO))).toBeInstanceOf(ConnectionLostError)
      })
    })
  })

  test('a Query that was given to a checked-out client', async () => {
    await usingPool(both(), async (pool) => {
      await withClient(pool, async (client) => {
        await client.query(WHO)
        await servers.pair.replica.freeze()
        const query = client.query(new pg.Query(WHO))
        const error = await new Promise((resolve) => query.once('error', resolve))
        expect(error).toBeInstanceOf(Error)
      })
    })
  })

  test("the driver's own query_timeout: weak, passed on, and the client is not used again", async () => {
    await usingPool(both({ query_timeout: 300 }), async (pool) => {
      await expect(pool.query('select pg_sleep(2)')).rejects.toThrow('Query read timeout')
      await eventually(() => expect(pool.totalCount).toBe(0))
      expect(pool.activeTarget).toBe('replica')
    })
  })
})

test('slow is not hung: a statement on a healthy server is not cut', async () => {
  await usingPool({ ...both(), suspectAfterMs: 50 }, async (pool) => {
    const slow = await everyWay(pool, `select pg_sleep(1.5), ${WHO.slice(7)}`, ({ rows }) => rows[0].port)
    expect(slow).toEqual(allWays(servers.pair.replica.port))
    expect(pool.targets.map(({ circuit }) => circuit)).toEqual(['closed', 'closed'])
  })
})

test('a full pool on a healthy server: told so, and nothing is failed over', async () => {
  await usingPool({ ...both({ max: 2 }), acquireTimeoutMs: 700 }, async (pool) => {
    const held = await Promise.all([pool.connect(), pool.connect()])
    for (const error of Object.values(await everyWay(pool, WHO))) {
      expect(error).toSatisfy(
        (got: Error) =>
          got instanceof AcquireTimeoutError || got.message === 'timeout exceeded when trying to connect',
      )
    }
    for (const client of held) client.release()
    expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port))
    expect(pool.targets[0]).toMatchObject({ circuit: 'closed' })
  })
})

/** Until the ping that the silence causes is under way, and not yet over. */
async function turnsUntil(ms: number): Promise<void> {
  const startedAt = performance.now()
  await eventually(() => performance.now() - startedAt >= ms)
}

function isTyped(error: unknown): boolean {
  if (error instanceof AcquireTimeoutError || error instanceof ConnectionLostError) return true
  return /Connection terminated due to connection timeout|timeout exceeded when trying/.test(String(error))
}

interface MuteHost extends AsyncDisposable {
  readonly port: number
}

/** Listens, accepts nothing, and its backlog is full: the kernel drops each further SYN. */
async function startMuteHost(): Promise<MuteHost> {
  const port = await freePort()
  const code = `net.createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => process.send('up'))`
  const child: ChildProcess = fork('-e', [`const net = require('node:net'); ${code}`], { execArgv: [] })
  await once(child, 'message')
  child.kill('SIGSTOP')
  const fillers = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
