import { ServiceMonitor } from '@failover/core'
import { eventually, startFaultProxy, watchForCrashes } from '@failover/testkit'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createFailoverPool, type FailoverPool, type FailoverPoolOptions } from '../src/index.ts'
import { Load, viaCheckout, viaQuery } from './support/load.ts'
import { useServers } from './support/servers.ts'
import { at, QUICK, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, moved, servedBy, WHO } from './support/ways.ts'

const servers = useServers({ prepare: 'create table notes (id serial primary key, text text)' })

const both = (changes: Record<string, unknown> = {}) => [
  at('replica', servers.pair.replica, { port: servers.proxy.port, ...changes }),
  at('primary', servers.pair.primary, changes),
]

function reading(
  work: (pool: FailoverPool) => Promise<void>,
  options: Partial<FailoverPoolOptions> = {},
): Promise<void> {
  return usingPool({ targets: both(), ...options }, work)
}

describe('under a steady load no read fails', () => {
  for (const [form, via] of [
    ['pool.query', viaQuery],
    ['connect, query, release', viaCheckout],
  ] as const) {
    for (const [fault, cause, cure] of [
      ['is killed', () => servers.pair.replica.kill(), () => servers.pair.replica.start()],
      ['hangs', () => servers.pair.replica.freeze(), () => servers.pair.replica.resume()],
      ['is shut down', () => servers.pair.replica.shutDown(), () => servers.pair.replica.start()],
    ] as const) {
      test(`${form}: when the replica ${fault}, and it is taken back into use`, async () => {
        await reading(async (pool) => {
          await using load = new Load(via(pool))
          await eventually(() => (load.servedBy.get(servers.pair.replica.port) ?? 0) > 20)
          await cause()
          await eventually(() => pool.activeTarget === 'primary')
          const before = load.done
          await eventually(() => load.done > before + 20)
          await cure()
          await eventually(() => pool.activeTarget === 'replica')
          await load.stop()
          expect(load.failures).toEqual([])
        })
      })
    }
  }

  test('with RST at any byte of the answer', async () => {
    await reading(async (pool) => {
      for (const atByte of [0, 1, 20, 60, 120, 300, 350, 400]) {
        await servedBy(pool)
        await servers.proxy.set({ kind: 'reset', atByte }, 'down')
        await servers.proxy.set('pass')
        servers.proxy.cutAll()
      }
    })
  })

  test('with an end (FIN) instead of an answer, and with lost answers', async () => {
    await reading(async (pool) => {
      for (const lose of [
        () => servers.proxy.set('half-close', 'down'),
        () => servers.proxy.set('reply-drop'),
      ]) {
        await servers.proxy.set('pass')
        await eventually(async () => expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port)))
        await lose()
        expect(await servedBy(pool)).toEqual(moved(servers.pair.primary.port))
      }
    })
  })

  test('with RST at the door, and RST of what is idle', async () => {
    await reading(async (pool) => {
      await servedBy(pool)
      servers.proxy.cutAll()
      await eventually(() => expect(pool.totalCount).toBe(0))
      await servers.proxy.set({ kind: 'reset', atByte: 0 }, 'up')
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
    })
  })
})

describe('every session is read-only', () => {
  const isReadOnly = async (pool: FailoverPool): Promise<unknown> =>
    (
      await pool.query(
        "select current_setting('transaction_read_only') as r, current_setting('work_mem') as m",
      )
    ).rows[0]

  test('the primary’s too: a write is refused, loudly, and is not run again', async () => {
    await reading(async (pool) => {
      for (const target of ['replica', 'primary'] as const) {
        await eventually(() => pool.activeTarget === target)
        const text = "insert into notes (text) values ('misrouted')"
        for (const error of Object.values(await everyWay(pool, text)))
          expect(error).toMatchObject({ code: '25006' })
        expect(await failureOf(pool.query({ text, idempotent: true }))).toMatchObject({
          code: '25006',
        })
        pool.hold('replica', 'open')
      }
      expect(await servers.pair.primary.query("select 1 from notes where text = 'misrouted'")).toEqual([])
    })
  })

  test('beside the application’s own options', async () => {
    const targets = [at('primary', servers.pair.primary, { options: '-c work_mem=5MB' })]
    await usingPool({ targets }, async (pool) => {
      expect(await isReadOnly(pool)).toEqual({ r: 'on', m: '5MB' })
    })
  })

  test('beside those of a connection string', async () => {
    const { host, port, user, password, database } = servers.pair.primary.config()
    const config = `postgres://${user}:${password}@${host}:${port}/${database}?options=-c%20work_mem%3D6MB`
    await usingPool({ targets: [{ name: 'primary', config }] }, async (pool) => {
      expect(await isReadOnly(pool)).toEqual({ r: 'on', m: '6MB' })
    })
  })

  test('beside those of the environment', async () => {
    process.env['PGOPTIONS'] = '-c work_mem=7MB'
    try {
      await usingPool({ targets: [at('primary', servers.pair.primary)] }, async (pool) => {
        expect(await isReadOnly(pool)).toEqual({ r: 'on', m: '7MB' })
      })
    } finally {
      delete process.env['PGOPTIONS']
    }
  })

  test('even where the application asks for the contrary', async () => {
    const targets = [at('primary', servers.pair.primary, { options: '-c default_transaction_read_only=off' })]
    await usingPool({ targets }, async (pool) => {
      expect(await isReadOnly(pool)).toMatchObject({ r: 'on' })
    })
  })

  test('but not where readOnly is false: then only what is marked runs twice', async () => {
    await using door = await startFaultProxy({ upstream: servers.pair.primary })
    const open = { ...at('open', servers.pair.primary, { port: door.port }), readOnly: false }
    const targets = [open, at('primary', servers.pair.primary)]
    await usingPool({ targets }, async (pool) => {
      expect(await isReadOnly(pool)).toMatchObject({ r: 'off' })
      await door.set('reply-drop')
      expect(await failureOf(pool.query(WHO))).toMatchObject({
        code: 'ERR_CONNECTION_LOST',
        executed: 'maybe',
      })
      await door.set('pass')
      await eventually(async () => expect((await pool.query('select 1 as up')).rowCount).toBe(1))
      await door.set('reply-drop')
      const { rows } = await pool.query({ text: WHO, idempotent: true })
      expect(rows).toEqual([{ port: servers.pair.primary.port }])
    })
  })
})

describe('what the application hands in', () => {
  test('a pool is used, made read-only, and neither ended nor listened to when all is over', async () => {
    using crashes = watchForCrashes()
    const own = new pg.Pool({ ...servers.pair.primary.config(), max: 5 })
    own.on('error', () => {})
    const before = own.eventNames().map((event) => [event, own.listenerCount(event)])
    const warnings: Error[] = []
    const warned = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warned)
    const pool = createFailoverPool({ targets: [{ name: 'own', pool: own }], ...QUICK })
    expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
    const text = "insert into notes (text) values ('refused')"
    for (const error of Object.values(await everyWay(pool, text)))
      expect(error).toMatchObject({ code: '25006' })
    await pool.end()
    expect(own.ending).toBe(false)
    expect(own.eventNames().map((event) => [event, own.listenerCount(event)])).toEqual(before)
    expect((await own.query(WHO)).rows).toEqual([{ port: servers.pair.primary.port }])
    await own.end()
    process.off('warning', warned)
    expect(warnings).toEqual([])
    expect(crashes.errors).toEqual([])
  })

  test('a monitor keeps its other services, and is not closed', async () => {
    const monitor = new ServiceMonitor({ logger: false })
    const pool = createFailoverPool({ name: 'reads', targets: both(), monitor, ...QUICK })
    expect(Object.keys(monitor.health().services)).toHaveLength(2)
    expect(() => createFailoverPool({ name: 'reads', targets: both(), monitor })).toThrow('reads:replica')
    await pool.end()
    expect(Object.keys(monitor.health().services)).toHaveLength(0)
    const again = createFailoverPool({ name: 'reads', targets: both(), monitor, ...QUICK })
    monitor.unregister('reads:primary')
    await monitor.close()
    expect(await servedBy(again)).toEqual(allWays(servers.pair.replica.port))
    await again.end()
  })

  test('a monitor that knows one of the names already is left as it was', async () => {
    const monitor = new ServiceMonitor({ logger: false })
    const first = createFailoverPool({ targets: both().slice(1), monitor, ...QUICK })
    expect(() => createFailoverPool({ targets: both(), monitor })).toThrow('postgres:primary')
    expect(() => monitor.unregister('postgres:replica')).toThrow()
    await first.end()
    await monitor.close()
  })
})
