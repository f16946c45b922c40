const assert = require('node:assert/strict')
const { join } = require('node:path')
const { test } = require('node:test')
const { eventOf } = require('./wait.cjs')

const BASE = join(__dirname, '..')
const BRISK = { monitoringMs: 20, outageMs: 20, errorMs: 10 }

/** What an application does with the core, whichever way it loads it. */
module.exports = function coreSuite(how, { core, adapter, testing }) {
  const { createSettings, loadServices, ServiceMonitor, Service } = core

  test(`${how}: fails over, overrides the settings, recovers and restores them`, async () => {
    const settings = createSettings({ search: 'primary' })
    const monitor = new ServiceMonitor({ settings, logger: false })
    const service = new testing.ScriptedService({
      pingIntervals: BRISK,
      failoverSettings: { search: 'replica' },
    })
    service.scripts.ping = new Error('connection refused')
    const began = eventOf(monitor, 'outage-began')
    const ended = eventOf(monitor, 'outage-ended')
    monitor.register(service)
    assert.equal((await began).service, 'scripted')
    while (service.calls.failover === 0) await monitor.pingDue()
    assert.equal(settings.search, 'replica')
    assert.equal(monitor.health().services.scripted.state, 'open')
    service.scripts.ping = 'ok'
    assert.equal((await ended).service, 'scripted')
    assert.equal(settings.search, 'primary')
    assert.equal(service.calls.recover, 1)
    await monitor.close()
  })

  test(`${how}: a breaker refuses after failures, and lets one call through when its time is over`, async () => {
    const clock = new testing.FakeClock()
    const breaker = new core.CircuitBreaker({
      name: 'api',
      tripRule: core.failureRate({ threshold: 1, windowCalls: 2 }),
      openMs: 1_000,
      clock,
    })
    let isDown = true
    const call = breaker.wrap(async () => {
      if (isDown) throw new Error('down')
      return 'well'
    })
    await assert.rejects(call(), { message: 'down' })
    await assert.rejects(call(), { message: 'down' })
    await assert.rejects(
      call(),
      (error) => error instanceof core.CircuitOpenError && error.stack.startsWith('CircuitOpenError: api'),
    )
    await clock.advance(1_000)
    isDown = false
    assert.equal(breaker.state, 'half-open')
    assert.equal(await call(), 'well')
    assert.equal(breaker.state, 'closed')
  })

  test(`${how}: the breaker of a service is one circuit with it`, async () => {
    const clock = new testing.FakeClock()
    const monitor = new ServiceMonitor({ logger: false, clock })
    const breaker = monitor.breaker('search', { tripRule: core.consecutiveFailures(1) })
    assert.throws(() => breaker.call(() => assert.fail('down')))
    assert.equal(monitor.health().services.search.state, 'open')
    await monitor.close()
  })

  test(`${how}: functions of one name and one store fail fast together`, async () => {
    const store = new core.MemoryStateStore()
    const fail = async () => assert.fail('down')
    const [one, other] = [1, 2].map(() => core.failfast(fail, { name: 'api', store }))
    await assert.rejects(one(), { message: 'down' })
    await new Promise((resolve) => setImmediate(resolve))
    await assert.rejects(other(), { code: 'ERR_CIRCUIT_OPEN' })
  })

  test(`${how}: settings are a live view of their base`, () => {
    const base = { host: 'a' }
    const settings = createSettings(base)
    settings.host = 'b'
    assert.deepEqual({ ...settings }, { host: 'b' })
    assert.equal(base.host, 'b')
  })

  test(`${how}: loads services from modules of both kinds`, async () => {
    const services = await loadServices(
      [
        './services/search.cjs#SearchService',
        { service: './services/mail.mjs#createMail', options: { port: 25 } },
      ],
      { base: BASE },
    )
    assert.deepEqual(
      services.map(({ name, port }) => [name, port]),
      [
        ['SearchService', 9200],
        ['mail', 25],
      ],
    )
    assert.ok(services.every((service) => service instanceof Service))
  })

  test(`${how}: a service that cannot be loaded is an error with a code`, async () => {
    await assert.rejects(loadServices(['./services/none.cjs#None'], { base: BASE }), {
      code: 'ERR_SERVICE_MODULE',
    })
  })

  test(`${how}: a wrong option is an error with a code, of its class`, () => {
    assert.throws(
      () => new ServiceMonitor({ outageLogIntervalMs: 'often', logger: false }),
      (error) =>
        error instanceof core.InvalidOptionError &&
        error instanceof core.FailoverError &&
        !(error instanceof core.PingError) &&
        error.code === 'ERR_INVALID_OPTION',
    )
  })

  test(`${how}: all entries are there, and share what they have in common`, () => {
    assert.equal(typeof adapter.TargetGroup, 'function')
    assert.ok(new testing.ScriptedService() instanceof Service)
    assert.ok(testing.ScriptedService.prototype instanceof Service)
  })
}
