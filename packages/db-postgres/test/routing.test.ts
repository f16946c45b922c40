import { ServiceMonitor } from '@failover/core'
import { eventually, startFaultProxy } from '@failover/testkit'
import { describe, expect, test } from 'vitest'
import type { FailoverPool, FailoverPoolOptions } from '../src/index.ts'
import { useServers } from './support/servers.ts'
import { at, usingPool } from './support/using-pool.ts'
import { allWays, everyWay, moved, servedBy, WHO, withClient } from './support/ways.ts'

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

describe('tiers', () => {
  test('work is spread inside a tier, and leaves it when all of it is down', async () => {
    await using other = await startFaultProxy({ upstream: servers.pair.replica })
    const tier = [
      at('a', servers.pair.replica, { port: servers.proxy.port }),
      at('b', servers.pair.replica, { port: other.port }),
    ]
    await usingPool({ targets: [tier, at('primary', servers.pair.primary)] }, async (pool) => {
      await Promise.all(Array.from({ length: 20 }, () => pool.query('select pg_sleep(0.05)')))
      expect(servers.proxy.liveConnections).toBeGreaterThan(4)
      expect(other.liveConnections).toBeGreaterThan(4)
      for (let read = 0; read < 10; read += 1) await pool.query(WHO)
      await servers.proxy.set('refuse')
      expect(await servedBy(pool)).toEqual(moved(servers.pair.replica.port))
      await other.set('refuse')
      expect(await servedBy(pool)).toEqual(moved(servers.pair.primary.port))
    })
  })

  test('a dead standby is never failed over to', async () => {
    await using dead = await startFaultProxy({ upstream: servers.pair.primary })
    await dead.set('refuse')
    const targets = [both()[0]!, at('dead', servers.pair.primary, { port: dead.port }), both()[1]!]
    await usingPool({ targets }, async (pool) => {
      await eventually(() => pool.targets[1]?.circuit === 'open')
      await servers.proxy.set('refuse')
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
      await eventually(() => pool.activeTarget === 'primary')
    })
  })
})

describe('a replica that lags', () => {
  const lagging = async (
    work: (pool: FailoverPool, lag: () => Promise<void>) => Promise<void>,
  ): Promise<void> =>
    reading(
      async (pool) => {
        expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port))
        try {
          await work(pool, async () => {
            await servers.pair.replica.query('select pg_wal_replay_pause()')
            await servers.pair.primary.query("insert into notes (text) values ('unseen')")
          })
        } finally {
          await servers.pair.replica.query('select pg_wal_replay_resume()')
        }
      },
      { maxLagMs: 500 },
    )

  test('counts as down until it has caught up; statements that it runs are left alone', () =>
    lagging(async (pool, lag) => {
      await withClient(pool, async (client) => {
        await client.query('begin')
        await lag()
        const slow = client.query('select pg_sleep(2.5)')
        await eventually(() => pool.activeTarget === 'primary')
        expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
        expect((await slow).rowCount).toBe(1)
        expect((await client.query(WHO)).rows).toEqual([{ port: servers.pair.replica.port }])
        await client.query('commit')
      })
      await servers.pair.replica.query('select pg_wal_replay_resume()')
      await eventually(() => pool.activeTarget === 'replica')
    }))

  test('serves as the last resort, slow statements too', () =>
    lagging(async (pool, lag) => {
      await lag()
      pool.hold('primary', 'open')
      await eventually(() => pool.targets[0]?.circuit === 'open')
      const text = `select pg_sleep(2.5), ${WHO.slice(7)}`
      expect(await everyWay(pool, text, ({ rows }) => rows[0].port)).toEqual(
        allWays(servers.pair.replica.port),
      )
    }))
})

describe('back and forth', () => {
  test('a target that is back waits out its hold-down, which doubles when it falls again soon', async () => {
    const monitor = new ServiceMonitor({ logger: false })
    const outages: number[] = []
    monitor.on('outage-ended', ({ durationMs }) => outages.push(durationMs))
    await reading(
      async (pool) => {
        for (let flap = 0; flap < 3; flap += 1) {
          await servers.proxy.set('refuse')
          await eventually(() => pool.targets[0]?.circuit === 'open')
          await servers.proxy.set('pass')
          await eventually(() => pool.targets[0]?.circuit === 'closed', { timeoutMs: 20_000 })
        }
      },
      { monitor, holdDownMs: 500, pingIntervals: { monitoringMs: 100, outageMs: 50, errorMs: 50 } },
    )
    await monitor.close()
    expect(outages).toHaveLength(3)
    for (const [flap, least] of [500, 1_000, 2_000].entries())
      expect(outages[flap]).toBeGreaterThanOrEqual(least)
  })

  test('all are down: the driver’s own error, quickly; each of them serves when it returns', async () => {
    await using door = await startFaultProxy({ upstream: servers.pair.primary })
    const targets = [both()[0]!, at('primary', servers.pair.primary, { port: door.port })]
    await usingPool({ targets }, async (pool) => {
      await Promise.all([servers.proxy.set('refuse'), door.set('refuse')])
      await eventually(() => pool.targets.every(({ circuit }) => circuit === 'open'))
      const startedAt = performance.now()
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(error).toMatchObject({ code: 'ECONNREFUSED' })
      expect(performance.now() - startedAt).toBeLessThan(1_000)
      await door.set('pass')
      await eventually(async () => expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port)))
      await door.set('refuse')
      await servers.proxy.set('pass')
      await eventually(async () => expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port)))
    })
  })
})

describe('holds', () => {
  test('open keeps work away, closed sends it there, unhold lets the pings decide', async () => {
    await reading(async (pool) => {
      pool.hold('replica', 'open', { reason: 'upgrade', author: 'ops' })
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.primary.port))
      pool.unhold('replica')
      expect(await servedBy(pool)).toEqual(allWays(servers.pair.replica.port))
      expect(() => pool.hold('nobody', 'open')).toThrow('nobody')
    })
  })

  test('everything is held open: a CircuitOpenError in every way', async () => {
    await reading(async (pool) => {
      pool.hold('replica', 'open')
      pool.hold('primary', 'open')
      for (const error of Object.values(await everyWay(pool, WHO)))
        expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', service: 'postgres' })
    })
  })
})
