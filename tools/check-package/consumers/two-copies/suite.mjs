import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as firstCore from '@failover/core'
import * as firstPostgres from '@failover/db-postgres'
import pg from 'pg'
import * as second from './second-esm.mjs'
import secondCjs from './second-cjs.cjs'
import { eventOf } from '../suites/wait.cjs'

// From the application, not from this folder: the first installation.
const require = createRequire(new URL('../application.js', import.meta.url))
const firstEsm = { core: await import(require.resolve('@failover/core').replace(/\.cjs$/, '.js')) }
assert.notEqual(firstEsm.core.Service, firstCore.Service, 'this folder has an installation of its own')

const COPIES = {
  'first ESM': {
    core: firstEsm.core,
    postgres: await import(require.resolve('@failover/db-postgres').replace(/\.cjs$/, '.js')),
  },
  'first CommonJS': { core: require('@failover/core'), postgres: require('@failover/db-postgres') },
  'second ESM': second,
  'second CommonJS': secondCjs,
}
const BRISK = { monitoringMs: 20, outageMs: 20, errorMs: 10 }

test('they are four different copies', () => {
  assert.equal(new Set(Object.values(COPIES).map(({ core }) => core.FailoverError)).size, 4)
  assert.equal(second.core.Service, firstCore.Service)
  assert.equal(second.postgres.FailoverPool, firstPostgres.FailoverPool)
})

for (const [one, { core, postgres }] of Object.entries(COPIES))
  for (const [other, { core: otherCore }] of Object.entries(COPIES)) {
    const title = `${one} and ${other}`

    test(`${title}: an error of one is an instance of the other's classes`, () => {
      const error = new core.InvalidOptionError('option', 'a number', 'text')
      assert.ok(error instanceof otherCore.InvalidOptionError)
      assert.ok(error instanceof otherCore.FailoverError)
      assert.ok(!(error instanceof otherCore.CircuitOpenError))
    })

    test(`${title}: a monitor of one takes services and settings of the other`, async () => {
      const settings = otherCore.createSettings({ search: 'primary' })
      const monitor = new core.ServiceMonitor({ settings, logger: false })
      const ended = eventOf(monitor, 'outage-ended')
      let up = false
      const ping = () => {
        if (!up) throw new Error('down')
      }
      const service = new otherCore.Service({
        name: 'search',
        ping,
        jitter: 0,
        pingIntervals: BRISK,
        failoverSettings: { search: 'replica' },
      })
      assert.ok(service instanceof core.Service)
      monitor.register(service)
      while (settings.search !== 'replica') await monitor.pingDue()
      up = true
      await ended
      assert.equal(settings.search, 'primary')
      await monitor.close()
    })

    test(`${title}: a pool of one has the monitor of the other`, async () => {
      const monitor = new otherCore.ServiceMonitor({ logger: false })
      const config = { host: '127.0.0.1', port: 1 }
      const pool = postgres.createFailoverPool({ monitor, targets: [{ name: 'replica', config }] })
      assert.ok(pool instanceof pg.Pool)
      assert.deepEqual(Object.keys(monitor.health().services), ['postgres:replica'])
      await pool.end()
      await monitor.close()
    })
  }
