/* Compiled as ESM and as CommonJS, and checked as a bundler would see it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createSettings,
  FailoverError,
  InvalidOptionError,
  monitored,
  Service,
  ServiceMonitor,
  type FailoverEventOf,
  type HealthReport,
} from '@failover/core'
import { adapterPort } from '@failover/core/adapter'
import { EventRecorder, ScriptedService } from '@failover/core/testing'
import { createFailoverPool, type FailoverPool } from '@failover/db-postgres'
import pg from 'pg'

interface Settings {
  search: { host: string }
  pageSize: number
}

class SearchService extends Service {
  override readonly pingTimeoutMs = 500
  override failoverSettings = { search: { host: 'replica' } }
  up = false

  override ping(): void {
    if (!this.up) throw new Error('down')
  }
}

test('types and behaviour agree: a service fails over and recovers', async () => {
  const settings: Settings = createSettings<Settings>({ search: { host: 'primary' }, pageSize: 10 })
  const monitor = new ServiceMonitor({
    settings,
    logger: false,
    pingIntervals: { monitoringMs: 20, outageMs: 20, errorMs: 10 },
  })
  const recorder = new EventRecorder(monitor)
  const ended = new Promise<FailoverEventOf<'outage-ended'>>((resolve) => {
    const deadline = setTimeout(() => assert.fail('no outage-ended within 10 s'), 10_000)
    monitor.on('outage-ended', (event) => {
      clearTimeout(deadline)
      resolve(event)
    })
  })
  const service = monitor.register(new SearchService({ jitter: 0 }))
  while (settings.search.host !== 'replica') await monitor.pingDue()
  service.up = true
  assert.equal((await ended).service, 'SearchService')
  assert.equal(settings.search.host, 'primary')
  assert.deepEqual(recorder.types('outage-began', 'outage-ended'), ['outage-began', 'outage-ended'])
  const health: HealthReport = monitor.health()
  assert.equal(health.services['SearchService']?.state, 'closed')
  await monitor.close()
})

test('types and behaviour agree: functions keep their types', () => {
  const monitor = new ServiceMonitor({ logger: false })
  const add: (one: number, other: number) => number = monitored(
    monitor,
    (one: number, other: number) => one + other,
  )
  assert.equal(add(1, 2), 3)
  // @ts-expect-error: the types of its arguments are kept
  void (() => add('1', 2))
  assert.equal(typeof adapterPort(monitor).clock.now(), 'number')
})

test('types and behaviour agree: errors narrow', () => {
  try {
    new ScriptedService({ pingTimeoutMs: -1 })
    assert.fail('it should be refused')
  } catch (error) {
    assert.ok(error instanceof FailoverError)
    assert.ok(error instanceof InvalidOptionError)
    assert.equal(error.option, 'pingTimeoutMs')
  }
})

test('types and behaviour agree: the pool goes wherever a pg.Pool goes', async () => {
  const failoverPool: FailoverPool = createFailoverPool({
    targets: [{ name: 'replica', config: { host: '127.0.0.1', port: 1 } }],
  })
  const pool: pg.Pool = failoverPool
  assert.ok(pool instanceof pg.Pool)
  assert.equal(failoverPool.targets[0]?.name, 'replica')
  await pool.end()
})
