import { eventually } from '@failover/testkit'
import { inspect } from 'node:util'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createFailoverPool, type FailoverPool } from '../src/index.ts'
import { useServers } from './support/servers.ts'
import { at, QUICK, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, servedBy, WHO } from './support/ways.ts'

const servers = useServers()

const both = (changes: Record<string, unknown> = {}) => ({
  targets: [
    at('replica', servers.pair.replica, { port: servers.proxy.port, ...changes }),
    at('primary', servers.pair.primary, changes),
  ],
})

describe('end()', () => {
  test('waits for what is lent, then the pool is of no use', async () => {
    await usingPool(both(), async (pool) => {
      const client = await pool.connect()
      let ended = false
      const ending = pool.end().then(() => (ended = true))
      expect((await client.query(WHO)).rows).toEqual([{ port: servers.pair.replica.port }])
      expect(ended).toBe(false)
      client.release()
      await ending
      expect(pool.ended).toBe(true)
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(error).toMatchObject({
          code: 'ERR_POOL_ENDED',
          message: expect.stringContaining('end on the pool'),
        })
    })
  })

  test('twice, at once, and with a callback', async () => {
    await usingPool(both(), async (pool) => {
      await servedBy(pool)
      await Promise.all([pool.end(), pool.end(), new Promise<void>((resolve) => pool.end(() => resolve()))])
      await pool.end()
    })
  })

  test('as the end of a block', async () => {
    let pool: FailoverPool
    {
      await using block = createFailoverPool({ ...QUICK, ...both() })
      pool = block
      await servedBy(pool)
    }
    expect(pool.ended).toBe(true)
  })

  for (const [what, changes] of [
    ['a server that hangs', {}],
    ['a server that hangs, and no deadline for connecting', { connectionTimeoutMillis: 0 }],
  ] as const) {
    test(`is bounded with ${what}: idle, lent, connecting`, async () => {
      await usingPool(
        { ...both(changes), acquireTimeoutMs: 1_000, suspectAfterMs: 900, pingTimeoutMs: 20_000 },
        async (pool) => {
          const clients = await Promise.all([pool.connect(), pool.connect()])
          clients[0].release()
          await servers.pair.replica.freeze()
          const told = [
            failureOf(clients[1].query(WHO)),
            failureOf(pool.query(WHO)),
            failureOf(pool.query(WHO)),
          ]
          await new Promise((resolve) => setImmediate(resolve))
          const startedAt = performance.now()
          await pool.end()
          expect(performance.now() - startedAt).toBeLessThan(6_000)
          for (const error of await Promise.all(told)) expect(error).toBeInstanceOf(Error)
          clients[1].release()
        },
      )
    })
  }

  test('tells who waits for a connection, in every way', async () => {
    await usingPool({ ...both({ max: 1 }), acquireTimeoutMs: 20_000 }, async (pool) => {
      const client = await pool.connect()
      const waiting = everyWay(pool, WHO)
      await eventually(() => expect(pool.waitingCount).toBe(6))
      const ending = pool.end()
      expect(await waiting).toEqual(allWays(expect.objectContaining({ code: 'ERR_POOL_ENDED' })))
      client.release()
      await ending
    })
  })

  test('cuts what runs for too long, and says that the pool was ended', async () => {
    await usingPool({ ...both(), acquireTimeoutMs: 300 }, async (pool) => {
      const endless = failureOf(pool.query('select pg_sleep(60)'))
      await eventually(() => expect(pool.targets[0]?.load).toBe(1))
      await pool.end()
      expect(await endless).toMatchObject({ code: 'ERR_POOL_ENDED' })
    })
  })

  test('of a pool that was never used', () => usingPool(both(), () => Promise.resolve()))
})

describe('a pg.Pool', () => {
  test('for instanceof and by name', async () => {
    await usingPool(both(), (pool) => {
      expect(pool).toBeInstanceOf(pg.Pool)
      expect(pool.constructor.name).toContain('Pool')
      return Promise.resolve()
    })
  })

  test('counts its connections, wherever they go', async () => {
    await usingPool(both({ max: 2 }), async (pool) => {
      expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([0, 0, 0])
      const clients = await Promise.all([pool.connect(), pool.connect()])
      const third = pool.connect()
      await eventually(() => expect(pool.waitingCount).toBe(1))
      expect([pool.totalCount, pool.idleCount]).toEqual([2, 0])
      for (const client of clients) client.release()
      const last = await third
      last.release()
      expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([2, 2, 0])
    })
  })

  test('tells of connections, with the client as argument', async () => {
    await usingPool(both(), async (pool) => {
      const heard: string[] = []
      for (const event of ['connect', 'acquire', 'remove'] as const)
        pool.on(event, (client) => heard.push(`${event} ${client instanceof pg.Client}`))
      pool.on('release', (_error, client) => heard.push(`release ${client instanceof pg.Client}`))
      pool.on('error', (error, client) => heard.push(`error ${client instanceof pg.Client} ${error.message}`))
      await pool.query(WHO)
      expect(heard).toEqual(['connect true', 'acquire true', 'release true'])
      servers.proxy.cutAll()
      await eventually(() => expect(heard).toContain('remove true'))
      expect(heard.find((each) => each.startsWith('error true'))).toBeDefined()
    })
  })

  test('a listener of connect may prepare the session', async () => {
    await usingPool(both(), async (pool) => {
      pool.on('connect', (client) => void client.query("set work_mem = '9MB'"))
      expect((await pool.query('show work_mem')).rows).toEqual([{ work_mem: '9MB' }])
    })
  })

  test('shows options without secrets, and does not touch what it was given', async () => {
    const options = both({ password: servers.pair.primary.password })
    const before = structuredClone(options)
    await usingPool(options, async (pool) => {
      await servedBy(pool)
      expect(pool.options).toMatchObject({
        host: '127.0.0.1',
        port: servers.proxy.port,
        database: 'postgres',
        max: 10,
      })
      const shown = inspect(pool, { depth: 10, showHidden: true }) + JSON.stringify(pool.options)
      expect(shown).not.toContain(servers.pair.primary.password)
      expect(Reflect.get(pool.options, 'password')).toBeUndefined()
    })
    expect(options).toEqual(before)
  })
})
