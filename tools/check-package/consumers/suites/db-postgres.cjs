const assert = require('node:assert/strict')
const { test } = require('node:test')
const pg = require('pg')

/** Nobody listens there. */
const NOWHERE = { host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' }

/** What an application does with the pool, as far as it goes without a server. */
module.exports = function postgresSuite(how, { core, postgres }) {
  const { createFailoverPool } = postgres

  test(`${how}: the pool is a pg.Pool, and its class says so`, async () => {
    const pool = createFailoverPool({ targets: [{ name: 'replica', config: NOWHERE }] })
    assert.ok(pool instanceof pg.Pool)
    assert.match(pool.constructor.name, /Pool/)
    assert.equal(pool.activeTarget, 'replica')
    await pool.end()
  })

  test(`${how}: a statement without a server fails with the driver's own error`, async () => {
    const pool = createFailoverPool({
      targets: [{ name: 'replica', config: NOWHERE }],
      acquireTimeoutMs: 500,
    })
    await assert.rejects(pool.query('select 1'), { code: 'ECONNREFUSED' })
    await pool.end()
  })

  test(`${how}: wrong options are errors with a code`, () => {
    assert.throws(() => createFailoverPool({ targets: [] }), {
      name: 'InvalidOptionError',
      code: 'ERR_INVALID_OPTION',
    })
    const targets = [{ name: 'a', config: NOWHERE }]
    assert.throws(
      () => createFailoverPool({ targets, mode: 'read', failback: 'manual' }),
      (error) => error instanceof core.FailoverError && error.code === 'ERR_CONTRADICTORY_OPTIONS',
    )
  })

  test(`${how}: the service is loaded by its name`, async () => {
    const [service] = await core.loadServices(
      [{ service: '@failover/db-postgres#PostgresService', options: { name: 'db', config: NOWHERE } }],
      { base: __filename },
    )
    assert.ok(service instanceof core.Service)
    assert.equal(service.name, 'db')
  })
}
