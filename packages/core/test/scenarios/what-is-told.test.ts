import { channel } from 'node:diagnostics_channel'
import { expect, test, vi } from 'vitest'
import { createSettings, MisconfiguredError, Service, ServiceMonitor, type Logger } from '../../src/index.ts'
import { adapterPort } from '../../src/adapter/index.ts'
import { FakeClock, ScriptedService, type EventRecorder } from '../../src/testing/index.ts'
import { HOUR, setUp } from '../support/setup.ts'

const gone = new Error('gone')

test('D13: a week of failing pings makes one line an hour and none per ping', async () => {
  const { clock, service, lines } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000 + 7 * 24 * HOUR)
  expect(service.calls.ping).toBeGreaterThan(20_000)
  expect(lines()).toHaveLength(1 + 7 * 24)
  expect(new Set(lines().map(([level]) => level))).toEqual(new Set(['fatal']))
  service.scripts.ping = 'ok'
  await clock.advance(24 * HOUR)
  expect(lines()).toHaveLength(1 + 7 * 24 + 1)
})

test('good pings, failures that are only counted, and triggers say nothing', async () => {
  const { clock, service, monitor, lines } = await setUp({ failuresToOpen: 3 })
  for (const script of [gone, gone, 'ok', gone, 'ok'] as const) {
    service.scripts.ping = script
    await clock.advance(5_000)
    monitor.reportError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
    await monitor.pingDue()
  }
  expect(lines()).toEqual([])
})

test('D13: nothing says that it failed over where there is nothing to fail over, or where that failed', async () => {
  const clock = new FakeClock()
  const lines: string[] = []
  const log = (line: string): void => void lines.push(line)
  const monitor = new ServiceMonitor({ clock, logger: { error: log, warn: log, info: log } })
  const ping = (): never => {
    throw gone
  }
  const failover = (): never => {
    throw new Error('no standby')
  }
  monitor.register(new Service({ name: 'plain', jitter: 0, ping }))
  monitor.register(new Service({ name: 'tries', jitter: 0, ping, failover }))
  await clock.advance(HOUR)
  expect(lines.some((line) => line.startsWith('plain outage: gone (pid'))).toBe(true)
  const repeated = lines.filter((line) => line.includes('goes on'))
  expect(repeated).toHaveLength(2)
  expect(repeated.every((line) => line.includes('Not failed over.'))).toBe(true)
})

test('without a fatal level outages are errors; the logger keeps its this, and the process is named', async () => {
  const seen: unknown[] = []
  class Own implements Logger {
    readonly prefix = 'own'
    error(message: string): void {
      seen.push([this.prefix, 'error', message])
    }
    warn(): void {}
    info(message: string): void {
      seen.push([this.prefix, 'info', message])
    }
  }
  const { clock, service } = await setUp({}, { logger: new Own() })
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(seen).toEqual([
    ['own', 'error', `scripted outage: gone. Failover started. (pid ${process.pid})`],
    ['own', 'info', `scripted is back up after 30 s (pid ${process.pid})`],
  ])
})

test.each<[string, () => unknown]>([
  ['throws', () => throwIt()],
  ['rejects', () => Promise.reject(gone)],
  [
    'returns a thenable that rejects',
    () => ({ then: (_: unknown, ko: (error: unknown) => void) => ko(gone) }),
  ],
  ['never answers', () => new Promise(() => {})],
])('a logger that %s changes nothing', async (_what, log) => {
  const { clock, service, monitor } = await setUp({}, { logger: { error: log, warn: log, info: log } })
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(monitor.health().services['scripted']?.failover).toBe('failed-over')
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
})

function throwIt(): never {
  throw gone
}

test('D21: a logger that reports what it is told makes no further ping and no further line', async () => {
  const lines: string[] = []
  const log: Logger['error'] = (message, { error }) => {
    lines.push(message)
    monitor.reportError(Object.assign(new Error(message), error))
  }
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const { clock, service, monitor } = await setUp({}, { logger: { error: log, warn: log, info: log } })
  service.scripts.ping = refused
  await clock.advance(120_000)
  await clock.advance(29_999)
  expect(service.calls.ping).toBe(2)
  expect(lines).toHaveLength(1)
})

test('observe says what would have happened, once per change', async () => {
  const { clock, service, monitor, lines } = await setUp()
  monitor.hold('scripted', 'observe', { author: 'ann' })
  service.scripts.ping = gone
  await clock.advance(2 * HOUR)
  service.scripts.ping = 'ok'
  await clock.advance(HOUR)
  expect(lines()).toEqual([
    ['warn', 'scripted is held observe by ann'],
    ['warn', 'scripted would have gone from closed to open; it is observed, nothing is done'],
    ['warn', 'scripted would have gone from open to closed; it is observed, nothing is done'],
  ])
})

test('a conflict over a setting is reported once for each key, however often it is written', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica', pool: 1 })
  const overrides = { failoverSettings: { db: 'primary', pool: 2 } }
  const { clock, service, events, lines } = await setUp(overrides, { settings })
  service.scripts.ping = gone
  await clock.advance(120_000)
  for (let n = 0; n < 100; n += 1) settings['db'] = `other ${n}`
  Reflect.deleteProperty(settings, 'pool')
  await clock.advance(HOUR)
  expect(events.types('settings-conflict')).toHaveLength(2)
  expect(lines().filter(([level]) => level === 'warn')).toHaveLength(2)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect({ ...settings }).toEqual({ db: 'other 99' })
})

/** One life in which every event happens. */
async function eventfulLife(): Promise<EventRecorder> {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, service, monitor, events } = await setUp(
    { failoverSettings: { db: 'primary' } },
    { settings },
  )
  service.scripts.ping = new MisconfiguredError('password refused')
  await clock.advance(120_000)
  service.scripts.ping = gone
  service.scripts.failover = service.scripts.recover = new Error('not yet')
  await clock.advance(120_000)
  service.scripts.failover = 'ok'
  await clock.advance(HOUR)
  settings['db'] = 'other'
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  service.scripts.recover = 'ok'
  await clock.advance(30_000)
  monitor.hold('scripted', 'closed')
  adapterPort(monitor).announceSwitch('pool', 'a', 'b')
  await monitor.close()
  return events
}

const TYPES = [
  'outage-began',
  'outage-continues',
  'outage-ended',
  'circuit-changed',
  'ping-failed',
  'failover-failed',
  'recover-failed',
  'target-switched',
  'settings-conflict',
  'hold-changed',
  'misconfigured',
  'closed',
]

test('every event is also on diagnostics_channel, the same and as often', async () => {
  const seen = new Map(TYPES.map((type) => [type, [] as unknown[]]))
  const subscribed = TYPES.map((type) => {
    const listen = (event: unknown): void => void seen.get(type)?.push(event)
    channel(`failover:${type}`).subscribe(listen)
    return () => channel(`failover:${type}`).unsubscribe(listen)
  })
  const { events } = await eventfulLife()
  for (const unsubscribe of subscribed) unsubscribe()
  for (const type of TYPES) {
    expect(seen.get(type), type).not.toHaveLength(0)
    expect(seen.get(type)).toEqual(events.filter((event) => event.type === type))
  }
})

test('events are frozen, and bear the time of the wall', async () => {
  const { events } = await eventfulLife()
  expect(events.every((event) => Object.isFrozen(event))).toBe(true)
  expect(events.every(({ at }) => at >= Date.UTC(2026, 0, 1))).toBe(true)
})

test('a listener may stop itself or another while it is told, and API calls from it are queued', async () => {
  const { clock, service, monitor } = await setUp()
  const told: string[] = []
  const stops: (() => void)[] = []
  for (const name of ['first', 'second']) {
    const stop = monitor.on('outage-began', () => {
      told.push(name)
      for (const each of stops) each()
      monitor.hold('scripted', 'closed')
      told.push(monitor.health().services['scripted']?.hold ?? '')
    })
    stops.push(stop)
  }
  service.scripts.ping = gone
  await clock.advance(120_000)
  monitor.unhold('scripted')
  await clock.advance(120_000)
  expect(told).toEqual(['first', 'none', 'second', 'none'])
})

test('a slow or throwing listener delays no other service and is reported once', async () => {
  const { clock, service, monitor, lines } = await setUp()
  const other = new ScriptedService({ name: 'other' })
  monitor.register(other)
  await clock.advance(0)
  const listener = vi.fn(throwIt)
  monitor.on('ping-failed', listener)
  service.scripts.ping = other.scripts.ping = gone
  await clock.advance(HOUR)
  expect(other.calls).toEqual(service.calls)
  expect(listener.mock.calls.length).toBeGreaterThan(100)
  expect(lines().filter(([, line]) => line.includes('listener'))).toHaveLength(1)
})
