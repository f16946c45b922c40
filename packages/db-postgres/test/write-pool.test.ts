import { ConnectionLostError } from '@failover/core'
import { eventually } from '@failover/testkit'
import { describe, expect, test } from 'vitest'
import type { FailoverPool, FailoverPoolOptions } from '../src/index.ts'
import { useServers } from './support/servers.ts'
import { at, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, WHO, withClient } from './support/ways.ts'

const servers = useServers({
  prepare: 'create table notes (id serial primary key, text text)',
  proxied: 'primary',
})

const INSERT = "insert into notes (text) values ('once')"

function writing(
  options: Partial<FailoverPoolOptions>,
  work: (pool: FailoverPool) => Promise<void>,
): Promise<void> {
  const primary = at('primary', servers.pair.primary, { port: servers.proxy.port })
  return usingPool(
    { mode: 'write', targets: [primary, at('standby', servers.pair.replica)], ...options },
    work,
  )
}

const count = async (text = 'once'): Promise<number> => {
  const [row] = await servers.pair.primary.query<{ count: number }>(
    'select count(*)::int from notes where text = $1',
    [text],
  )
  return row?.count ?? 0
}

describe('role', () => {
  test('the standby is listed first: every way writes on the primary, from the first statement on', async () => {
    const standby = at('standby', servers.pair.replica)
    await writing({ targets: [standby, at('primary', servers.pair.primary)] }, async (pool) => {
      const text = "insert into notes (text) values ('role') returning text"
      expect(await everyWay(pool, text)).toEqual(allWays([{ text: 'role' }]))
      expect(await count('role')).toBe(6)
      await eventually(() => pool.activeTarget === 'primary')
      expect(pool.targets).toMatchObject([{ role: 'reader' }, { role: 'writer' }])
    })
  })

  test('an application’s own read-only transaction is its own affair', async () => {
    await writing({}, async (pool) => {
      await withClient(pool, async (client) => {
        await client.query('begin read only')
        expect(await failureOf(client.query(INSERT))).toMatchObject({ code: '25006' })
        await client.query('rollback')
      })
      expect(pool.activeTarget).toBe('primary')
    })
  })

  test('a writer that turns read-only is left; a transaction that met it fails with the server’s own error', async () => {
    await writing({ pingIntervals: { monitoringMs: 60_000, errorMs: 100 } }, async (pool) => {
      await pool.query(WHO)
      await eventually(() => pool.targets[0]?.role === 'writer')
      await servers.pair.primary.query('alter system set default_transaction_read_only = on')
      await servers.pair.primary.query('select pg_reload_conf()')
      await eventually(async () => {
        const [row] = await servers.pair.primary.query('show default_transaction_read_only')
        return row?.['default_transaction_read_only'] === 'on'
      })
      await withClient(pool, async (client) => {
        await client.query('begin')
        expect(await failureOf(client.query(INSERT))).toMatchObject({ code: '25006' })
        await client.query('rollback')
      })
      await eventually(() => pool.targets[0]?.role === 'reader')
      await servers.pair.primary
        .query('begin read write; alter system reset default_transaction_read_only')
        .catch(() => {})
      await servers.pair.primary.query('alter system reset default_transaction_read_only')
      await servers.pair.primary.query('select pg_reload_conf()')
      await eventually(async () => {
        expect((await pool.query("insert into notes (text) values ('again') returning text")).rowCount).toBe(
          1,
        )
      })
    })
  })
})

describe('an INSERT in flight', () => {
  test('its answer is lost: it ran once, and the application is told that it may have', async () => {
    await writing({}, async (pool) => {
      await pool.query(WHO)
      const before = await count()
      await servers.proxy.set('reply-drop')
      const error = await failureOf(pool.query(INSERT))
      expect(error).toBeInstanceOf(ConnectionLostError)
      expect(error).toMatchObject({ executed: 'maybe', target: 'primary' })
      await servers.proxy.set('pass')
      expect(await count()).toBe(before + 1)
    })
  })

  test('marked idempotent it runs again as soon as the writer is back', async () => {
    await writing({ acquireTimeoutMs: 10_000 }, async (pool) => {
      await pool.query(WHO)
      const before = await count()
      await servers.proxy.set('reply-drop')
      const working = pool.query({ text: INSERT, idempotent: true })
      await eventually(async () => expect(await count()).toBeGreaterThan(before))
      await servers.proxy.set('pass')
      expect((await working) as unknown).toMatchObject({ rowCount: 1 })
      expect(await count()).toBeGreaterThanOrEqual(before + 2)
    })
  })

  test('was never sent, for its connection was dead already: it moves', async () => {
    await writing({ acquireTimeoutMs: 10_000 }, async (pool) => {
      await withClient(pool, async (client) => {
        const before = await count()
        const gone = new Promise((resolve) => client.once('end', () => resolve(true)))
        servers.proxy.cutAll()
        await gone
        expect((await client.query(INSERT)).rowCount).toBe(1)
        expect(await count()).toBe(before + 1)
      })
    })
  })

  test('refused by the server: its very error, at once, and it is not run again', async () => {
    await writing({}, async (pool) => {
      const startedAt = performance.now()
      for (const error of Object.values(
        await everyWay(pool, 'insert into notes (id, text) values (null, null)'),
      ))
        expect(error).toMatchObject({ code: '23502', severity: 'ERROR' })
      await withClient(pool, async (client) => {
        expect(await failureOf(client.query('insert into notes (nothing) values (1)'))).toMatchObject({
          code: '42703',
        })
      })
      expect(performance.now() - startedAt).toBeLessThan(1_500)
    })
  })
})

describe('nobody can write', () => {
  test('told within acquireTimeoutMs, with the driver’s own error', async () => {
    await writing({ acquireTimeoutMs: 800 }, async (pool) => {
      await pool.query(WHO)
      await eventually(() => pool.targets[1]?.role === 'reader')
      await servers.proxy.set('refuse')
      const startedAt = performance.now()
      for (const error of Object.values(await everyWay(pool, INSERT)))
        expect(error).toMatchObject({
          code: expect.stringMatching(/ECONNREFUSED|ECONNRESET|ERR_CONNECTION_LOST/),
        })
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      await servers.proxy.set('pass')
      await eventually(async () => expect((await pool.query(INSERT)).rowCount).toBe(1))
    })
  })

  test('who waits for a writer is told when the pool ends', async () => {
    await writing(
      { acquireTimeoutMs: 20_000, targets: [at('standby', servers.pair.replica)] },
      async (pool) => {
        await eventually(() => pool.targets[0]?.role === 'reader')
        const waiting = [failureOf(pool.query(INSERT)), failureOf(pool.connect())]
        await new Promise((resolve) => setImmediate(resolve))
        const startedAt = performance.now()
        await pool.end()
        for (const error of await Promise.all(waiting))
          expect(error).toMatchObject({ code: 'ERR_POOL_ENDED' })
        expect(performance.now() - startedAt).toBeLessThan(5_000)
      },
    )
  })
})

/** Last: it leaves the pair with two primaries. */
test('the primary is killed, the standby is promoted: writes go there, and do not come back by themselves', async () => {
  await writing(
    { acquireTimeoutMs: 20_000, pingIntervals: { monitoringMs: 500, outageMs: 200, errorMs: 100 } },
    async (pool) => {
      await pool.query(INSERT)
      await eventually(() => pool.targets[1]?.role === 'reader')
      await servers.pair.waitForReplay()
      await servers.pair.primary.kill()
      const writes = everyWay(pool, "insert into notes (text) values ('promoted') returning text")
      const transaction = withClient(pool, async (client) => {
        await client.query('begin')
        await client.query("insert into notes (text) values ('promoted')")
        await client.query('commit')
        return 'committed'
      })
      await eventually(() => pool.targets[0]?.circuit === 'open')
      await servers.pair.promote()
      const told = Object.values(await writes)
      expect(told.filter((each) => !Array.isArray(each) && !(each instanceof ConnectionLostError))).toEqual(
        [],
      )
      expect(await transaction).toBe('committed')
      expect(pool.activeTarget).toBe('standby')

      await servers.pair.primary.start()
      await eventually(() => pool.targets[0]?.circuit === 'closed' && pool.targets[0].role === 'writer')
      for (let write = 0; write < 20; write += 1)
        expect((await pool.query(`${INSERT} returning current_setting('port')::int as port`)).rows).toEqual([
          { port: servers.pair.replica.port },
        ])
      expect(await count('promoted')).toBe(0)

      pool.hold('standby', 'open')
      expect((await pool.query(WHO)).rows).toEqual([{ port: servers.pair.primary.port }])
      pool.unhold('standby')
      expect((await pool.query(WHO)).rows).toEqual([{ port: servers.pair.primary.port }])
    },
  )
})
