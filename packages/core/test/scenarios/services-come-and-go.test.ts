import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createSettings, Service, ServiceMonitor, type PingContext } from '../../src/index.ts'
import { EventRecorder, FakeClock, LogRecorder, ScriptedService } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const gone = new Error('gone')
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a service that left may come back, with all its options', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const options = { failoverSettings: { db: 'primary' }, pingIntervals: { monitoringMs: 10_000 } }
  const { clock, monitor, service } = await setUp(options, { settings })
  monitor.unregister(service)
  monitor.register(service)
  service.scripts.ping = gone
  await clock.advance(0)
  expect(settings['db']).toBe('primary')
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(settings['db']).toBe('replica')
})

test('two monitors may watch one service and override one settings object', async () => {
  const clock = new FakeClock()
  const settings = createSettings<Record<string, unknown>>({ db: 'base' })
  const monitors = [1, 2].map(() => new ServiceMonitor({ clock, settings, logger: false }))
  const conflicts = monitors.map((monitor) => new EventRecorder(monitor))
  const service = new ScriptedService({ failoverSettings: { db: 'standby' } })
  service.scripts.ping = gone
  for (const monitor of monitors) monitor.register(service)
  await clock.advance(0)
  settings['db'] = 'moved'
  expect(conflicts.map((recorder) => recorder.types('settings-conflict').length)).toEqual([0, 1])
  monitors[0]?.unregister('scripted')
  await clock.advance(0)
  expect(settings['db']).toBe('standby')
  monitors[1]?.unregister('scripted')
  expect(settings['db']).toBe('moved')
})

test('a frozen service can be watched', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const intervals = { monitoringMs: 10_000 }
  monitor.register(
    Object.freeze(new Service({ name: 'frozen', jitter: 0, pingIntervals: intervals, ping: () => {} })),
  )
  await clock.advance(0)
  expect(monitor.health().services['frozen']?.lastPing).toBe('good')
})

test('a monitor whose services are not all accepted watches none of them', async () => {
  const clock = new FakeClock()
  const fine = new ScriptedService()
  expect(() => new ServiceMonitor({ clock, logger: false, services: [fine, new ScriptedService()] })).toThrow(
    expect.objectContaining({ code: 'ERR_SERVICE_NAME_TAKEN' }),
  )
  await clock.advance(600_000)
  expect(fine.calls.ping).toBe(0)
  expect(clock.timers).toBe(0)
})

test('a service that leaves while its ping runs is neither failed over nor heard of again', async () => {
  const { clock, monitor, service, events } = await setUp()
  service.scripts.ping = 'hang'
  await clock.advance(120_000)
  monitor.unregister('scripted')
  service.release(gone)
  await clock.advance(600_000)
  expect(events.events).toEqual([])
  expect(service.calls).toEqual({ ping: 2, failover: 0, recover: 0 })
  expect(clock.timers).toBe(0)
})

test('a ping may unregister its own service', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const events = new EventRecorder(monitor)
  const ping = (): never => {
    monitor.unregister('suicidal')
    throw gone
  }
  monitor.register(new Service({ name: 'suicidal', jitter: 0, ping, failover: () => {} }))
  await clock.advance(600_000)
  expect(events.events).toEqual([])
  expect(clock.timers).toBe(0)
})

test.each(['circuit-changed', 'outage-began'] as const)(
  'a service that is unregistered by a listener of %s is not failed over after that',
  async (type) => {
    const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
    const { clock, monitor, service, events } = await setUp(
      { failoverSettings: { db: 'primary' } },
      { settings },
    )
    monitor.on(type, () => monitor.unregister('scripted'))
    service.scripts.ping = gone
    await clock.advance(600_000)
    expect(settings['db']).toBe('replica')
    expect(service.calls).toMatchObject({ failover: 0, recover: 0 })
    expect(events.events.at(-1)?.type).toBe(type)
    expect(clock.timers).toBe(0)
  },
)

test('a monitor that is closed by a listener runs no hook after that', async () => {
  const { clock, monitor, service, events } = await setUp()
  monitor.on('outage-began', () => void monitor.close())
  service.scripts.ping = gone
  await clock.advance(600_000)
  expect(service.calls.failover).toBe(0)
  expect(events.events.at(-1)?.type).toBe('closed')
  expect(clock.timers).toBe(0)
})

test('a service that leaves while it is failing over is moved back once failover() has ended', async () => {
  const { clock, monitor, service } = await setUp()
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000)
  monitor.unregister('scripted')
  await clock.advance(1_000)
  expect(service.calls.recover).toBe(0)
  service.release()
  await clock.advance(60_000)
  expect(service.calls.recover).toBe(1)
})

test('a failover() that is asked to leave by itself is moved back as well', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const calls: string[] = []
  const ping = (): never => {
    throw gone
  }
  const failover = (): void => {
    monitor.unregister('leaving')
    calls.push('failover')
  }
  monitor.register(
    new Service({ name: 'leaving', jitter: 0, ping, failover, recover: () => void calls.push('recover') }),
  )
  await clock.advance(60_000)
  expect(calls).toEqual(['failover', 'recover'])
})

test('a service that leaves while failover() fails has nothing to move back', async () => {
  const { clock, monitor, service } = await setUp()
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000)
  monitor.unregister('scripted')
  service.release(new Error('no standby'))
  await clock.advance(60_000)
  expect(service.calls).toMatchObject({ failover: 1, recover: 0 })
})

test('a service that leaves while it recovers is not recovered twice', async () => {
  const { clock, monitor, service } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  service.scripts.recover = 'hang'
  await clock.advance(30_000)
  expect(service.calls.recover).toBe(1)
  monitor.unregister('scripted')
  service.release()
  await clock.advance(60_000)
  expect(service.calls.recover).toBe(1)
})

test('the late end of a recover() of a service that left takes no settings from the one that came after', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, monitor, service } = await setUp({ failoverSettings: { db: 'primary' } }, { settings })
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  service.scripts.recover = 'hang'
  await clock.advance(30_000)
  monitor.unregister(service)
  service.scripts.ping = gone
  monitor.register(service)
  await clock.advance(0)
  expect(settings['db']).toBe('primary')
  service.release()
  await clock.advance(0)
  expect(settings['db']).toBe('primary')
})

test.each(['throws', 'rejects'])(
  'trouble of recover() after unregister() is logged once; a logger that %s changes nothing',
  async (how) => {
    const lines: string[] = []
    const log = (line: string): unknown => {
      lines.push(line)
      if (how === 'throws') throw new Error('disk full')
      return Promise.reject(new Error('disk full'))
    }
    const { clock, monitor, service } = await setUp({}, { logger: { error: log, warn: log, info: log } })
    service.scripts.ping = gone
    await clock.advance(120_000)
    service.scripts.recover = new Error('not yet')
    monitor.unregister('scripted')
    await clock.advance(0)
    await settle()
    expect(lines.filter((line) => line.includes('recover()'))).toHaveLength(1)
  },
)

test('a class with fields, its ping among them, is read when it is registered', async () => {
  const clock = new FakeClock()
  const asked: unknown[] = []
  const monitor = new ServiceMonitor({ clock, logger: false })
  class Search extends Service {
    override pingIntervals = { monitoringMs: 10_000 }
    override jitter = 0
    override ping = ({ signal }: PingContext): unknown => asked.push([this.name, signal.aborted])
  }
  monitor.register(Search)
  await clock.advance(20_000)
  expect(asked).toEqual(Array.from({ length: 3 }, () => ['Search', false]))
  expect(Object.keys(monitor.health().services)).toEqual(['Search'])
})

test('the ping asks the address that was there at registration, whatever the settings say by now', async () => {
  const clock = new FakeClock()
  const settings = createSettings<Record<string, unknown>>({ host: 'replica' })
  const monitor = new ServiceMonitor({ clock, settings, logger: false })
  const asked: unknown[] = []
  class Replica extends Service {
    override name = 'replica'
    override jitter = 0
    override host = String(settings['host'])
    override port = 5432
    override failoverSettings = { host: 'primary' }
    override ping(_context: PingContext): never {
      asked.push(this.host)
      throw gone
    }
  }
  const service = new Replica()
  monitor.register(service)
  await clock.advance(30_000)
  expect(settings['host']).toBe('primary')
  expect(asked).toEqual(['replica', 'replica'])
  expect(() => (service.host = 'elsewhere')).toThrow(TypeError)
})

test('closeWith closes once, and again changes nothing', async () => {
  const { clock, monitor, events } = await setUp()
  const servers = [new EventEmitter(), new EventEmitter()]
  for (const server of servers) monitor.closeWith(server)
  for (const server of servers) server.emit('close')
  await clock.advance(0)
  expect(events.types('closed')).toHaveLength(1)
})

test('after close nothing is refused that only asks, and nothing happens', async () => {
  const { clock, monitor, service } = await setUp({}, { logger: new LogRecorder() })
  await monitor.close()
  await Promise.all([monitor.pingDue(), monitor.pingOutages()])
  monitor.reportError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
  monitor.unhold('scripted')
  await clock.advance(600_000)
  expect(service.calls.ping).toBe(1)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
  expect(clock.timers).toBe(0)
})
