import { channel } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { createSettings, ServiceMonitor } from '../../src/index.ts'
import { FakeClock, ScriptedService } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const gone = new Error('gone')

test('hold open fails over a healthy service, warns instead of paging, and unhold moves back', async () => {
  const { clock, monitor, service, lines } = await setUp()
  monitor.hold('scripted', 'open', { reason: 'maintenance', author: 'ann' })
  await clock.advance(0)
  expect(monitor.health().services['scripted']).toMatchObject({
    state: 'open',
    failover: 'failed-over',
    hold: 'open',
  })
  await clock.advance(240_000)
  expect(service.calls.ping).toBeGreaterThan(1)
  monitor.unhold('scripted')
  await clock.advance(0)
  expect(monitor.health().services['scripted']).toMatchObject({
    state: 'closed',
    failover: 'idle',
    hold: 'none',
  })
  expect(lines().map(([level]) => level)).not.toContain('fatal')
  expect(lines()[0]).toEqual(['warn', 'scripted is held open by ann: maintenance'])
})

test('hold closed keeps a dead service in use; after unhold the evidence counts again', async () => {
  const { clock, monitor, service } = await setUp()
  monitor.hold('scripted', 'closed')
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
  expect(service.calls.failover).toBe(0)
  monitor.unhold('scripted')
  await clock.advance(0)
  expect(service.calls.failover).toBe(1)
})

test('observe computes everything and does nothing', async () => {
  const { clock, monitor, service, events } = await setUp()
  monitor.hold('scripted', 'observe')
  service.scripts.ping = gone
  await clock.advance(240_000)
  expect(service.calls.failover).toBe(0)
  expect(events.types('outage-began', 'circuit-changed')).toEqual(['circuit-changed'])
  expect(events.events.find(({ type }) => type === 'circuit-changed')).toMatchObject({ observed: true })
  monitor.unhold('scripted')
  await clock.advance(0)
  expect(events.types('outage-began')).toHaveLength(1)
  expect(service.calls.failover).toBe(1)
})

test('a hold expires by itself', async () => {
  const { clock, monitor, events } = await setUp()
  monitor.hold('scripted', 'open', { expiresInMs: 1_000 })
  await clock.advance(1_000)
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'closed', hold: 'none' })
  expect(events.events.at(-1)).toMatchObject({ type: 'outage-ended' })
})

test('unregister while failed over restores the settings and runs recover() once', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, monitor, service } = await setUp({ failoverSettings: { db: 'primary' } }, { settings })
  service.scripts.ping = gone
  await clock.advance(120_000)
  monitor.unregister('scripted')
  await clock.advance(600_000)
  expect(settings['db']).toBe('replica')
  expect(service.calls).toMatchObject({ recover: 1, ping: 2 })
  expect(clock.timers).toBe(0)
})

test('D7: the same service again is no second registration; another one of the same name is an error', async () => {
  const { monitor, service } = await setUp()
  expect(monitor.register(service)).toBe(service)
  expect(() => monitor.register(new ScriptedService())).toThrow(
    expect.objectContaining({
      code: 'ERR_SERVICE_NAME_TAKEN',
      message: expect.stringContaining('"scripted"'),
    }),
  )
})

test('D7: register is bound, takes classes, and makes them once', () => {
  const { register } = new ServiceMonitor({ clock: new FakeClock(), logger: false })
  let made = 0
  class Search extends ScriptedService {
    override name = 'search'
    made = (made += 1)
  }
  expect(register(Search)).toBe(Search)
  register(Search)
  expect(made).toBe(1)
})

test('close keeps the overrides, runs no hook, leaves no timer, and may be called twice', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, monitor, service, events } = await setUp(
    { failoverSettings: { db: 'primary' } },
    { settings },
  )
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'hang'
  await clock.advance(30_000)
  const closing = monitor.close()
  expect(monitor.close()).toBe(closing)
  await clock.advance(1_000)
  await closing
  expect(settings['db']).toBe('primary')
  expect(service.calls.recover).toBe(0)
  expect(events.events.at(-1)?.type).toBe('closed')
  expect(clock.timers).toBe(0)
  expect(() => monitor.register(new ScriptedService({ name: 'late' }))).toThrow(
    expect.objectContaining({ code: 'ERR_MONITOR_CLOSED' }),
  )
})

test('close({ overrides: "restore" }) takes the overrides away', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, monitor, service } = await setUp({ failoverSettings: { db: 'primary' } }, { settings })
  service.scripts.ping = gone
  await clock.advance(120_000)
  await monitor.close({ overrides: 'restore' })
  expect(settings['db']).toBe('replica')
})

test('a disabled monitor does nothing at all', async () => {
  const { clock, monitor, service } = await setUp({}, { enabled: false })
  service.scripts.ping = gone
  await monitor.pingDue()
  await clock.advance(600_000)
  expect(service.calls.ping).toBe(0)
  expect(monitor.health().status).toBe('pass')
})

test('a listener or a logger that throws, rejects or calls back changes nothing', async () => {
  const { clock, monitor, service, events, lines } = await setUp()
  monitor.on('circuit-changed', () => {
    throw new Error('listener bug')
  })
  monitor.on('outage-began', async () => {
    throw new Error('async listener bug')
  })
  monitor.on('outage-began', () => monitor.hold('scripted', 'closed'))
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(events.types('circuit-changed', 'outage-began', 'hold-changed', 'outage-ended')).toEqual([
    'circuit-changed',
    'outage-began',
    'hold-changed',
    'circuit-changed',
    'outage-ended',
  ])
  expect(lines().filter(([, text]) => text.includes('listener'))).toEqual([
    ['error', 'a listener of circuit-changed failed: listener bug'],
    ['error', 'a listener of outage-began failed: async listener bug'],
  ])
})

test('events are also on diagnostics_channel', async () => {
  const seen: unknown[] = []
  const listen = (event: unknown): void => void seen.push(event)
  const { clock, service } = await setUp()
  channel('failover:outage-began').subscribe(listen)
  service.scripts.ping = gone
  await clock.advance(120_000)
  channel('failover:outage-began').unsubscribe(listen)
  expect(seen).toEqual([expect.objectContaining({ type: 'outage-began', service: 'scripted' })])
})

test('a critical service makes the application unready only while it is down and not failed over', async () => {
  const { clock, monitor, service } = await setUp({ critical: true })
  service.scripts.ping = gone
  service.scripts.failover = new Error('no standby')
  await clock.advance(120_000)
  expect(monitor.health().status).toBe('fail')
  service.scripts.failover = 'ok'
  await clock.advance(30_000)
  expect(monitor.health().status).toBe('warn')
})
