import { eventually, freePort, startPostgresPair, type PostgresPair } from '@failover/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionLostError } from '@failover/core'
import { createFailoverPool, type FailoverPool } from '../src/index.ts'
import { at, revive, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, moved, servedBy, WHO, withClient } from './support/ways.ts'

let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
})
afterEach(() => revive(pair.primary, pair.replica))
afterAll(() => pair.stop())

const both = (changes: Record<string, unknown> = {}) => ({
  targets: [at('replica', pair.replica, changes), at('primary', pair.primary, changes)],
})

/** So many connections to the preferred target, all idle. */
async function fill(pool: FailoverPool, connections: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
  expect(pool.idleCount).toBe(connections)
}

describe('nobody listens', () => {
  for (const [what, host] of [
    ['an address', '127.0.0.1'],
    ['a name with several addresses', 'localhost'],
    ['an unknown name', 'nowhere.invalid'],
  ] as const) {
    test(`${what}: reads are served elsewhere`, async () => {
      const gone = at('gone', pair.replica, { host, port: await freePort() })
      await usingPool({ targets: [gone, at('primary', pair.primary)] }, async (pool) => {
        expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
        await eventually(() => pool.activeTarget === 'primary')
        expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
      })
    })

    test(`${what}, and there is nothing else: the driver's own error`, async () => {
      const gone = at('gone', pair.replica, { host, port: await freePort() })
      await usingPool({ targets: [gone] }, async (pool) => {
        const code = expect.stringMatching(/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/)
        expect(await everyWay(pool, WHO, String)).toEqual(allWays(expect.objectContaining({ code })))
        await eventually(() => pool.targets[0]?.circuit === 'open')
        expect(await everyWay(pool, WHO, String)).toEqual(allWays(expect.objectContaining({ code })))
      })
    })
  }
})

describe('the server is killed', () => {
  test('under idle connections: they leave the pool, listeners are told, reads go on', async () => {
    await usingPool(both(), async (pool) => {
      const errors: Error[] = []
      pool.on('error', (error) => errors.push(error))
      await fill(pool, 3)
      await pair.replica.kill()
      await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(3))
      await eventually(() => expect(pool.totalCount).toBe(0))
      expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
    })
  })

  test('under idle connections, and nobody listens to errors: no crash', async () => {
    await usingPool(both(), async (pool) => {
      await fill(pool, 3)
      await pair.replica.kill()
      expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
    })
  })

  test('and asked in the same tick', async () => {
    await usingPool(both(), async (pool) => {
      await fill(pool, 6)
      for (const pid of pair.replica.processes()) process.kill(pid, 'SIGKILL')
      expect(await servedBy(pool)).toEqual(moved(pair.primary.port))
      await pair.replica.kill()
    })
  })

  test('under a connection that is checked out and idle: the first statement moves', async () => {
    await usingPool(both(), async (pool) => {
      await withClient(pool, async (client) => {
        const ended = new Promise((resolve) => client.once('end', () => resolve('ended')))
        await pair.replica.kill()
        expect(await ended).toBe('ended')
        expect((await client.query(WHO)).rows).toEqual([{ port: pair.primary.port }])
        expect((await client.query(WHO)).rows).toEqual([{ port: pair.primary.port }])
      })
    })
  })

  test('under a connection that has worked already: a typed error, and the next checkout works', async () => {
    await usingPool(both(), async (pool) => {
      await withClient(pool, async (client) => {
        await client.query(WHO)
        await pair.replica.kill()
        const error = await failureOf(client.query(WHO))
        expect(error).toBeInstanceOf(ConnectionLostError)
        expect(error).toMatchObject({
          code: 'ERR_CONNECTION_LOST',
          target: 'replica',
          cause: expect.any(Error),
        })
      })
      expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
    })
  })

  test('in the middle of statements: they run again elsewhere', async () => {
    await usingPool(both(), async (pool) => {
      const slow = everyWay(pool, `select pg_sleep(1), ${WHO.slice(7)}`, ({ rows }) => rows[0].port)
      await eventually(async () => expect(await asleep(pair)).toBe(6))
      await pair.replica.kill()
      expect(await slow).toEqual(moved(pair.primary.port))
    })
  })

  test('in the middle of statements, and there is nothing else: the driver says so', async () => {
    await usingPool({ targets: both().targets.slice(0, 1) }, async (pool) => {
      const slow = everyWay(pool, 'select pg_sleep(5)')
      await eventually(async () => expect(await asleep(pair)).toBe(6))
      await pair.replica.kill()
      for (const error of Object.values(await slow)) expect(error).toBeInstanceOf(Error)
    })
  })
})

describe('the server ends its sessions', () => {
  test('fast shutdown (57P01): statements and idle connections move', async () => {
    await usingPool(both(), async (pool) => {
      await fill(pool, 8)
      const slow = everyWay(pool, `select pg_sleep(1), ${WHO.slice(7)}`, ({ rows }) => rows[0].port)
      await eventually(async () => expect(await asleep(pair)).toBe(6))
      await pair.replica.shutDown()
      expect(await slow).toEqual(moved(pair.primary.port))
      expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
    })
  })

  test('smart shutdown: old sessions work on, new ones (57P03) go elsewhere', async () => {
    await usingPool(both(), async (pool) => {
      const held = await pool.connect()
      await held.query(WHO)
      pair.replica.signal('SIGTERM')
      await eventually(async () =>
        expect((await pool.query(WHO)).rows).toEqual([{ port: pair.primary.port }]),
      )
      expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
      expect((await held.query(WHO)).rows).toEqual([{ port: pair.replica.port }])
      held.release()
      await eventually(() => !pair.replica.isRunning)
    })
  })

  test('one backend crashes, all are dropped, and it recovers (57P03)', async () => {
    await usingPool(both(), async (pool) => {
      await fill(pool, 3)
      await withClient(pool, async (client) => {
        const { rows } = await client.query('select pg_backend_pid() as pid')
        process.kill(rows[0].pid as number, 'SIGKILL')
        expect(await failureOf(client.query(WHO))).toBeInstanceOf(ConnectionLostError)
      })
      expect(Object.values(await servedBy(pool)).filter((port) => typeof port !== 'number')).toEqual([])
      await eventually(async () =>
        expect((await pool.query(WHO)).rows).toEqual([{ port: pair.replica.port }]),
      )
    })
  })

  test('starting up: served elsewhere until it is ready, then by it', async () => {
    await pair.replica.kill()
    await usingPool(both(), async (pool) => {
      const starting = pair.replica.start()
      const ports = new Set<unknown>()
      await eventually(async () => {
        for (const port of Object.values(await servedBy(pool))) ports.add(port)
        return pool.activeTarget === 'replica' && ports.has(pair.replica.port)
      })
      await starting
      expect([...ports].filter((port) => typeof port !== 'number')).toEqual([])
    })
  })
})

async function asleep({ replica }: PostgresPair): Promise<number> {
  const question = `select count(*)::int from pg_stat_activity where query like 'select pg_sleep%'`
  return (await replica.query<{ count: number }>(question))[0]?.count ?? 0
}

test('many faults later the same pool still serves from its first target', async () => {
  const pool = createFailoverPool({
    ...both(),
    holdDownMs: 100,
    pingIntervals: { outageMs: 100, errorMs: 50 },
  })
  for (let round = 0; round < 3; round += 1) {
    await pair.replica.kill()
    expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
    await pair.replica.start()
    await eventually(async () => expect(await servedBy(pool)).toEqual(allWays(pair.replica.port)))
  }
  await pool.end()
})
