import { expect, test } from 'vitest'
import { createSettings, type FailoverContext } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const gone = new Error('gone')

test('D19: a failover() that throws is undone, said once, and tried again with the outage pings', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, service, events, lines, monitor } = await setUp(
    { failoverSettings: { db: 'primary' } },
    { settings },
  )
  service.scripts.ping = gone
  service.scripts.failover = new Error('no standby')
  await clock.advance(120_000)
  expect(settings['db']).toBe('replica')
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'open', failover: 'idle' })
  await clock.advance(60_000)
  expect(events.types('failover-failed')).toHaveLength(3)
  expect(lines().filter(([level]) => level === 'error')).toEqual([
    ['error', 'scripted: failover() failed, not failed over: no standby. Trying again.'],
  ])
  service.scripts.failover = 'ok'
  await clock.advance(30_000)
  expect(settings['db']).toBe('primary')
})

test('D19: one service that misbehaves does not delay another', async () => {
  const { clock, service, monitor } = await setUp()
  const other = new ScriptedService({ name: 'other' })
  monitor.register(other)
  await clock.advance(0)
  service.scripts.ping = 'hang'
  service.scripts.failover = 'hang'
  other.scripts.ping = gone
  await clock.advance(120_000)
  expect(other.calls).toMatchObject({ ping: 2, failover: 1 })
})

test('a failover() that hangs is told to stop, its context refuses writes, and it is tried again', async () => {
  const settings = createSettings<Record<string, unknown>>({})
  const { clock, service, events } = await setUp({}, { settings })
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000 + 10_000)
  expect(events.types('failover-failed')).toHaveLength(1)
  const context = service.contexts[0] as FailoverContext
  expect(context.signal.aborted).toBe(true)
  expect(() => context.override({ late: 1 })).toThrow(
    expect.objectContaining({ code: 'ERR_CONTEXT_EXPIRED' }),
  )
  expect({ ...settings }).toEqual({})
  service.scripts.failover = 'ok'
  await clock.advance(30_000)
  expect(service.calls.failover).toBe(2)
})

test('a failover() that fulfils after its time was up is followed by recover()', async () => {
  const { clock, service } = await setUp()
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000 + 10_000)
  service.release()
  await clock.advance(0)
  expect(service.calls.recover).toBe(1)
})

test('a recover() that throws leaves it failed over, settings and all, and is tried again', async () => {
  const settings = createSettings<Record<string, unknown>>({ db: 'replica' })
  const { clock, service, events, monitor } = await setUp(
    { failoverSettings: { db: 'primary' } },
    { settings },
  )
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  service.scripts.recover = new Error('not yet')
  await clock.advance(30_000)
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'open', failover: 'failed-over' })
  expect(settings['db']).toBe('primary')
  expect(events.types('recover-failed')).toHaveLength(1)
  service.scripts.recover = 'ok'
  await clock.advance(30_000)
  expect(settings['db']).toBe('replica')
  expect(monitor.health().services['scripted']?.state).toBe('closed')
})

test('two outages over one setting restore it in either order', async () => {
  for (const first of ['low', 'high'] as const) {
    const settings = createSettings<Record<string, unknown>>({ db: 'base' })
    const { clock, monitor } = await setUp({}, { settings })
    const low = new ScriptedService({ name: 'low', failoverSettings: { db: 'low' } })
    const high = new ScriptedService({ name: 'high', failoverSettings: { db: 'high' } })
    for (const service of [low, high]) monitor.register(service)
    low.scripts.ping = high.scripts.ping = gone
    await clock.advance(0)
    expect(settings['db']).toBe('high')
    const [early, late] = first === 'low' ? [low, high] : [high, low]
    early.scripts.ping = 'ok'
    await clock.advance(30_000)
    expect(settings['db']).toBe(first === 'low' ? 'high' : 'low')
    late.scripts.ping = 'ok'
    await clock.advance(30_000)
    expect(settings['db']).toBe('base')
  }
})
