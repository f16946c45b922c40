import { expect, test } from 'vitest'
import { createSettings } from '../../src/index.ts'
import { HOUR, setUp } from '../support/setup.ts'

const gone = new Error('gone')

test('D4: it is pinged at its intervals: 120 s while up, 30 s while down, counted from the start of a ping', async () => {
  const { clock, service } = await setUp()
  expect(service.calls.ping).toBe(1)
  await clock.advance(119_999)
  expect(service.calls.ping).toBe(1)
  await clock.advance(1)
  expect(service.calls.ping).toBe(2)
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(service.calls.ping).toBe(3)
  await clock.advance(29_999)
  expect(service.calls.ping).toBe(3)
  await clock.advance(1)
  expect(service.calls.ping).toBe(4)
})

test('D5: one failed ping begins the outage, one good ping ends it', async () => {
  const { clock, service, events } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(events.types('outage-began', 'outage-ended')).toEqual(['outage-began', 'outage-ended'])
})

test('D13: the outage is logged at once and each hour while it lasts, the recovery once', async () => {
  const { clock, service, lines } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(lines()).toEqual([['fatal', 'scripted outage: gone. Failover started.']])
  service.scripts.ping = new Error('still gone')
  await clock.advance(2 * HOUR)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(lines().slice(1)).toEqual([
    ['fatal', 'scripted outage goes on for 1 h: still gone. Failed over.'],
    ['fatal', 'scripted outage goes on for 2 h: still gone. Failed over.'],
    ['info', 'scripted is back up after 2 h'],
  ])
})

test('D13: it is logged by time, not only when a ping happens', async () => {
  const { clock, service, lines } = await setUp({ pingIntervals: { outageMs: 10 * HOUR } })
  service.scripts.ping = gone
  await clock.advance(120_000)
  await clock.advance(HOUR)
  expect(lines().at(-1)?.[1]).toContain('goes on for 1 h')
})

test('thresholds: so many failures to open, so many successes to close, the next ping after errorMs while counting', async () => {
  const { clock, service, monitor } = await setUp({ failuresToOpen: 3, successesToClose: 2 })
  service.scripts.ping = gone
  await clock.advance(120_000 + 2 * 5_000 - 1)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
  await clock.advance(1)
  expect(monitor.health().services['scripted']?.state).toBe('open')
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(monitor.health().services['scripted']?.state).toBe('open')
  await clock.advance(5_000)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
})

test('D2, D3: its settings are overridden while it is down; an absent one is absent again', async () => {
  const base: Record<string, unknown> = { search: 'elastic' }
  const settings = createSettings(base)
  const { clock, service } = await setUp(
    { failoverSettings: { search: 'sql', degraded: true } },
    { settings },
  )
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect({ ...settings }).toEqual({ search: 'sql', degraded: true })
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect({ ...settings }).toEqual({ search: 'elastic' })
  expect('degraded' in settings).toBe(false)
})

test('D3: what the application writes meanwhile is kept, shows after recovery, and is reported', async () => {
  const settings = createSettings<Record<string, unknown>>({ search: 'elastic' })
  const { clock, service, events, lines } = await setUp({ failoverSettings: { search: 'sql' } }, { settings })
  service.scripts.ping = gone
  await clock.advance(120_000)
  settings['search'] = 'opensearch'
  expect(settings['search']).toBe('sql')
  expect(events.types('settings-conflict')).toHaveLength(1)
  expect(lines().at(-1)?.[1]).toContain('setting search was written while scripted overrides it')
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(settings['search']).toBe('opensearch')
})

test('it falls again soon: the outage lasts at least its growing open time, however good the pings are', async () => {
  const { clock, service, monitor } = await setUp()
  const fall = async (): Promise<void> => {
    service.scripts.ping = gone
    await clock.advance(120_000)
    service.scripts.ping = 'ok'
  }
  await fall()
  await clock.advance(30_000)
  monitor.reportError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
  service.scripts.ping = gone
  await clock.advance(5_000)
  monitor.reportError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
  await clock.advance(0)
  service.scripts.ping = 'ok'
  expect(monitor.health().services['scripted']?.state).toBe('open')
  await clock.advance(59_000)
  expect(monitor.health().services['scripted']?.state).toBe('open')
  await clock.advance(31_000)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
})
