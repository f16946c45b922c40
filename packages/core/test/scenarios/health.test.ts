import { expect, test, vi } from 'vitest'
import { MisconfiguredError, Service, ServiceMonitor } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const gone = new Error('gone')

test('health tells each state, and is not ready only for a critical service that is down and not failed over', async () => {
  const { clock, service, monitor } = await setUp({ critical: true })
  const health = (): unknown => {
    const { status, services } = monitor.health()
    const { state, failover, hold, lastPing } = services['scripted'] ?? {}
    return [status, state, failover, hold, lastPing].join(' ')
  }
  expect(health()).toBe('pass closed idle none good')
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000)
  expect(health()).toBe('fail open failing-over none failed')
  service.release()
  await clock.advance(0)
  expect(health()).toBe('warn open failed-over none failed')
  service.scripts.ping = 'ok'
  service.scripts.recover = 'hang'
  await clock.advance(30_000)
  expect(health()).toBe('warn open recovering none good')
  service.release()
  await clock.advance(0)
  expect(health()).toBe('pass closed idle none good')
  monitor.hold('scripted', 'open')
  expect(health()).toBe('fail open failing-over open good')
})

test('health says since when, and with what; a service that is not critical only warns; nothing is asked', async () => {
  const { clock, service, monitor } = await setUp()
  service.scripts.ping = gone
  service.scripts.failover = new Error('no standby')
  await clock.advance(120_000 + 10_000)
  const before = JSON.stringify(service.calls)
  expect(monitor.health()).toMatchObject({
    status: 'warn',
    services: { scripted: { critical: false, outageMs: 10_000, error: { name: 'Error', message: 'gone' } } },
  })
  for (let n = 0; n < 100; n += 1) monitor.health()
  expect(JSON.stringify(service.calls)).toBe(before)
})

test('health of a service that was never pinged, or cannot be, and of half-open', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false, background: false })
  monitor.register(new Service({ name: 'silent' }))
  const misconfigured = (): never => {
    throw new MisconfiguredError('who are you?')
  }
  monitor.register(new Service({ name: '__proto__', ping: misconfigured, jitter: 0 }))
  expect(monitor.health()).toMatchObject({ status: 'pass', services: { silent: { lastPing: 'none' } } })
  await monitor.pingDue()
  expect(Object.keys(monitor.health().services)).toEqual(['silent', '__proto__'])
  let trouble: Error = gone
  const ping = (): never => {
    throw trouble
  }
  monitor.register(new Service({ name: 'odd', ping, jitter: 0, pingIntervals: { outageMs: 0 } }))
  await monitor.pingDue()
  trouble = new MisconfiguredError('who are you?')
  await monitor.pingDue()
  await clock.advance(30_000)
  expect(monitor.health().services['odd']?.state).toBe('half-open')
})

test('two monitors in one process share nothing', async () => {
  const one = await setUp()
  const two = await setUp()
  one.service.scripts.ping = gone
  one.monitor.hold('scripted', 'observe')
  await one.clock.advance(120_000)
  await two.clock.advance(120_000)
  await one.monitor.close()
  expect(two.events.events).toEqual([])
  expect(two.lines()).toEqual([])
  expect(two.monitor.health().services['scripted']).toMatchObject({ state: 'closed', hold: 'none' })
  await two.clock.advance(120_000)
  expect(two.service.calls.ping).toBe(3)
})

test('two copies of the package understand each other: services, errors, settings', async () => {
  vi.resetModules()
  const copy = await import('../../src/index.ts')
  expect(copy.Service).not.toBe(Service)
  const settings = copy.createSettings<Record<string, unknown>>({ db: 'replica' })
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, settings, logger: false })
  const failoverSettings = { db: 'primary' }
  monitor.register(new copy.Service({ name: 'down', jitter: 0, ping: () => throwGone(), failoverSettings }))
  const lost = (): never => {
    throw new Error('login', { cause: new copy.MisconfiguredError('password refused') })
  }
  monitor.register(new copy.Service({ name: 'lost', jitter: 0, ping: lost }))
  await clock.advance(0)
  expect(settings['db']).toBe('primary')
  expect(monitor.health().services['lost']).toMatchObject({ state: 'closed', lastPing: 'misconfigured' })
  expect(monitor.reportError(new copy.CircuitOpenError('down', 1, { cause: refusedError() }))).toBe(false)
  expect(new copy.Service({ name: 'a' })).toBeInstanceOf(Service)
})

function refusedError(): Error {
  return Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
}

function throwGone(): never {
  throw gone
}
