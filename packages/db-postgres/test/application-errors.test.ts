import { ServiceMonitor } from '@failover/core'
import { eventually, startPostgresPair, type PostgresPair } from '@failover/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, QUICK, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, failureOf, servedBy, WHO } from './support/ways.ts'

let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
  await pair.primary.query('create table notes (id int primary key, text text not null)')
  await pair.primary.query("insert into notes values (1, 'a')")
  await pair.primary.query("create role clerk login password 'clerk' connection limit 8")
  await pair.primary.query("create role ghost nologin password 'ghost'")
  await pair.waitForReplay()
})
afterAll(() => pair.stop())

describe('an application error', () => {
  for (const [code, text] of [
    ['42601', 'selec 1'],
    ['42P01', 'select * from nowhere'],
    ['42883', 'select nothing()'],
    ['22P02', "select 'a'::int"],
    ['22012', 'select 1 / 0'],
    ['25006', "insert into notes values (1, 'again')"],
    ['25006', 'create temp table t (id int)'],
  ]) {
    test(`${code}, ${text}: passes through unchanged, and its connection is kept`, async () => {
      await usingPool(
        { targets: [at('primary', pair.primary), at('replica', pair.replica)] },
        async (pool) => {
          for (const error of Object.values(await everyWay(pool, text ?? ''))) {
            expect(error).toBeInstanceOf(pg.DatabaseError)
            expect(error).toMatchObject({ code, severity: 'ERROR' })
          }
          expect(pool.idleCount).toBe(pool.totalCount)
          expect(pool.totalCount).toBeGreaterThan(0)
          expect(await servedBy(pool)).toEqual(allWays(pair.primary.port))
          expect(pool.targets).toMatchObject([{ circuit: 'closed' }, { circuit: 'closed' }])
        },
      )
    })
  }

  test('a cancelled statement, a value that cannot be sent', async () => {
    await usingPool({ targets: [at('replica', pair.replica)] }, async (pool) => {
      expect(await failureOf(pool.query('set statement_timeout = 50; select pg_sleep(5)'))).toMatchObject({
        code: '57014',
      })
      const circular: Record<string, unknown> = {}
      circular['self'] = circular
      expect(await failureOf(pool.query('select $1::json', [circular]))).toBeInstanceOf(TypeError)
      expect((await pool.query(WHO)).rowCount).toBe(1)
    })
  })
})

test('values that are no array are refused, as by pg', async () => {
  await usingPool({ targets: [at('replica', pair.replica)] }, async (pool) => {
    for (const values of ['x', { a: 1 }, 7]) {
      expect(await failureOf(pool.query('select $1::text', values as never))).toMatchObject({
        message: 'Query values must be an array',
      })
    }
  })
})

describe('the login is refused', () => {
  for (const [code, change] of [
    ['28P01', { password: 'wrong' }],
    ['28P01', { user: 'nobody', password: 'wrong' }],
    ['28000', { user: 'ghost', password: 'ghost' }],
    ['3D000', { database: 'nowhere' }],
  ] as const) {
    test(`${code} ${JSON.stringify(change)}: loud, and nothing is failed over`, async () => {
      const monitor = new ServiceMonitor({ logger: false })
      const events: string[] = []
      monitor.on('misconfigured', ({ service, error }) => events.push(`${service} ${error.code}`))
      monitor.on('outage-began', ({ service }) => events.push(`${service} down`))
      const targets = [at('replica', pair.replica, change), at('primary', pair.primary)]
      await usingPool({ targets, monitor }, async (pool) => {
        for (const error of Object.values(await everyWay(pool, WHO))) expect(error).toMatchObject({ code })
        await eventually(() => events.length > 1, { timeoutMs: 5_000 })
        expect(new Set(events)).toEqual(new Set(['postgres:replica ERR_MISCONFIGURED']))
        expect(pool.targets[0]).toMatchObject({ circuit: 'closed' })
      })
      await monitor.close()
    })
  }

  test('TLS is asked for and not spoken there', async () => {
    await usingPool({ targets: [at('replica', pair.replica, { ssl: true })] }, async (pool) => {
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(String(error)).toContain('does not support SSL')
      expect(pool.targets[0]).toMatchObject({ circuit: 'closed' })
    })
  })
})

test('too many connections (53300): told so, and the stampede is not moved elsewhere', async () => {
  const targets = [
    at('replica', pair.replica, { max: 30, user: 'clerk', password: 'clerk' }),
    at('primary', pair.primary),
  ]
  await usingPool({ targets, ...QUICK, acquireTimeoutMs: 5_000 }, async (pool) => {
    const told = await Promise.allSettled(Array.from({ length: 25 }, () => pool.query(`select pg_sleep(1)`)))
    const refused = told.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(5)
    for (const each of refused) expect(each).toMatchObject({ reason: { code: '53300' } })
    expect(pool.activeTarget).toBe('replica')
    expect(pool.targets[0]).toMatchObject({ circuit: 'closed' })
  })
})
