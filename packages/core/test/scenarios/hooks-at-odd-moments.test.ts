import { expect, test } from 'vitest'
import { createSettings, Service, ServiceMonitor, type FailoverContext } from '../../src/index.ts'
import { EventRecorder, FakeClock, LogRecorder, ScriptedService } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const gone = new Error('gone')
type Settings = Record<string, unknown>

test('what a service overrides is refused at registration if it could never be applied', () => {
  const settings = createSettings<Settings>({})
  const monitor = new ServiceMonitor({ clock: new FakeClock(), settings, logger: false })
  const db: unknown = JSON.parse('{ "__proto__": { "polluted": true } }')
  expect(() => monitor.register(new ScriptedService({ failoverSettings: { db } }))).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
  )
})

test('settings that cannot be applied are a failover that failed, and delay nobody', async () => {
  const settings = createSettings<Settings>({ db: 'replica' })
  const db: Settings = {}
  const { clock, service, events, monitor } = await setUp({ failoverSettings: { db } }, { settings })
  const other = new ScriptedService({ name: 'other' })
  monitor.register(other)
  Object.defineProperty(db, '__proto__', { value: {}, enumerable: true, configurable: true })
  service.scripts.ping = other.scripts.ping = gone
  await clock.advance(120_000)
  expect(events.types('failover-failed')).toHaveLength(1)
  expect([service.calls.failover, other.calls.failover]).toEqual([0, 1])
  expect(settings['db']).toBe('replica')
  Reflect.deleteProperty(db, '__proto__')
  await clock.advance(30_000)
  expect(settings['db']).toBe(db)
})

test('a setting whose name is a symbol is overridden too', async () => {
  const key = Symbol('db')
  const base: Record<symbol, unknown> = { [key]: 'replica' }
  const settings = createSettings(base)
  const { clock, service } = await setUp(
    { failoverSettings: { [key]: 'primary' } as unknown as Settings },
    { settings },
  )
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(settings[key]).toBe('primary')
})

/** A service that is down, and what its failover() was given. */
async function failedOver(failover: (context: FailoverContext) => void | Promise<void> = () => {}) {
  const clock = new FakeClock()
  const settings = createSettings<Settings>({ db: 'replica' })
  const monitor = new ServiceMonitor({ clock, settings, logger: false })
  const events = new EventRecorder(monitor)
  const up = { is: false }
  const contexts: FailoverContext[] = []
  const ping = (): void => {
    if (!up.is) throw gone
  }
  const keep = (context: FailoverContext): void | Promise<void> => {
    contexts.push(context)
    return failover(context)
  }
  monitor.register(new Service({ name: 'db', jitter: 0, ping, failover: keep, recover: () => {} }))
  await clock.advance(0)
  return { clock, settings, monitor, events, up, contexts }
}

test('override() adds to what is overridden, and leaves with it', async () => {
  const { clock, settings, up } = await failedOver(async ({ override }) => {
    override({ db: 'primary' })
    await Promise.resolve()
    override({ pool: 5 })
  })
  expect({ ...settings }).toEqual({ db: 'primary', pool: 5 })
  up.is = true
  await clock.advance(30_000)
  expect({ ...settings }).toEqual({ db: 'replica' })
})

test('a failover() that threw has nothing overridden, and can override nothing later', async () => {
  const { settings, contexts } = await failedOver(({ override }) => {
    override({ db: 'primary' })
    throw new Error('no standby')
  })
  expect(settings['db']).toBe('replica')
  expect(() => contexts[0]?.override({ db: 'late' })).toThrow(
    expect.objectContaining({ code: 'ERR_CONTEXT_EXPIRED' }),
  )
  expect(settings['db']).toBe('replica')
})

test.each(['recovery', 'unregister', 'close'])('after %s override() is refused', async (end) => {
  const { clock, settings, monitor, up, contexts } = await failedOver()
  up.is = true
  if (end === 'unregister') monitor.unregister('db')
  if (end === 'close') await monitor.close()
  await clock.advance(30_000)
  expect(() => contexts[0]?.override({ db: 'late' })).toThrow(
    expect.objectContaining({ code: 'ERR_CONTEXT_EXPIRED' }),
  )
  expect(settings['db']).toBe('replica')
})

test('an override() that is refused leaves the ones after it alone', async () => {
  const bad = JSON.parse('{ "__proto__": {} }') as Settings
  const { settings } = await failedOver(({ override }) => {
    expect(() => override(bad)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    override({ db: 'primary' })
  })
  expect(settings['db']).toBe('primary')
})

test('a hook is told what its own outage began with, not an earlier one', async () => {
  const { clock, service, monitor } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  monitor.hold('scripted', 'open', { reason: 'maintenance' })
  await clock.advance(0)
  expect(service.contexts.map(({ error }) => error.message)).toEqual([
    'gone',
    'gone',
    'held open: maintenance',
  ])
})

test.each([undefined, null, 'no standby', Symbol('no'), Object.freeze({})])(
  'hooks that throw %s have failed',
  async (thrown) => {
    const clock = new FakeClock()
    const logger = new LogRecorder()
    const monitor = new ServiceMonitor({ clock, logger })
    const events = new EventRecorder(monitor)
    const up = { is: false }
    const throws = (): never => {
      throw thrown
    }
    const ping = (): void => (up.is ? undefined : throws())
    const failover = (): void => (events.types('failover-failed').length === 0 ? throws() : undefined)
    monitor.register(new Service({ name: 'odd', jitter: 0, ping, failover, recover: throws }))
    await clock.advance(30_000)
    expect(monitor.health().services['odd']?.failover).toBe('failed-over')
    up.is = true
    await clock.advance(30_000)
    expect(events.types('failover-failed', 'recover-failed')).toEqual(['failover-failed', 'recover-failed'])
  },
)

test('a hook that hangs at close is told to stop, bounds it by a second, and leaves no timer', async () => {
  const { clock, service, monitor, events } = await setUp()
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000)
  let isClosed = false
  const closing = monitor.close().then(() => (isClosed = true))
  expect(service.contexts[0]?.signal.aborted).toBe(true)
  await clock.advance(999)
  expect(isClosed).toBe(false)
  await clock.advance(1)
  await closing
  expect(clock.timers).toBe(0)
  service.release()
  await clock.advance(600_000)
  expect(service.calls).toMatchObject({ failover: 1, recover: 0 })
  expect(events.events.at(-1)?.type).toBe('closed')
})

test('the service heals while failover() runs: recover() follows, and the settings are those of the base', async () => {
  const settings = createSettings<Settings>({ db: 'replica' })
  const { clock, service, events } = await setUp(
    { failoverSettings: { db: 'primary' }, hookTimeoutMs: 300_000 },
    { settings },
  )
  service.scripts.ping = gone
  service.scripts.failover = 'hang'
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(service.calls.recover).toBe(0)
  service.release()
  await clock.advance(0)
  expect(service.calls).toMatchObject({ failover: 1, recover: 1 })
  expect(settings['db']).toBe('replica')
  expect(events.types('outage-began', 'outage-ended')).toEqual(['outage-began', 'outage-ended'])
})

test('the service dies while recover() runs: failover() follows, in the same outage', async () => {
  const { clock, service, events } = await setUp({ hookTimeoutMs: 300_000 })
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  service.scripts.recover = 'hang'
  await clock.advance(30_000)
  service.scripts.ping = gone
  await clock.advance(120_000)
  service.release()
  await clock.advance(0)
  expect(service.calls).toMatchObject({ failover: 2, recover: 1 })
  expect(events.types('outage-began', 'outage-ended')).toEqual(['outage-began'])
})

test('a recover() that ends while a later outage fails over does not take its settings away', async () => {
  const clock = new FakeClock()
  const settings = createSettings<Settings>({ db: 'replica' })
  const monitor = new ServiceMonitor({ clock, settings, logger: false })
  const up = { is: false }
  const ends: (() => void)[] = []
  let hangs = false
  const hook = (): void | Promise<void> =>
    hangs ? new Promise<void>((resolve) => ends.push(resolve)) : undefined
  const ping = (): void => {
    if (!up.is) throw gone
  }
  const failoverSettings = { db: 'primary' }
  monitor.register(
    new Service({ name: 'db', jitter: 0, ping, failoverSettings, failover: hook, recover: hook }),
  )
  await clock.advance(0)
  up.is = hangs = true
  await clock.advance(30_000 + 20_000)
  hangs = false
  await clock.advance(60_000)
  expect(settings['db']).toBe('replica')
  up.is = false
  hangs = true
  await clock.advance(120_000)
  expect(monitor.health().services['db']?.failover).toBe('failing-over')
  for (const end of ends) end()
  await clock.advance(0)
  expect(monitor.health().services['db']?.failover).toBe('failed-over')
  expect(settings['db']).toBe('primary')
})

test('a service with settings alone, or with one hook alone, is moved there and back', async () => {
  const clock = new FakeClock()
  const settings = createSettings<Settings>({ db: 'replica' })
  const monitor = new ServiceMonitor({ clock, settings, logger: false })
  const up = { is: false }
  const seen: string[] = []
  const ping = (): void => {
    if (!up.is) throw gone
  }
  monitor.register(new Service({ name: 'settings', jitter: 0, ping, failoverSettings: { db: 'primary' } }))
  monitor.register(new Service({ name: 'there', jitter: 0, ping, failover: () => void seen.push('there') }))
  monitor.register(new Service({ name: 'back', jitter: 0, ping, recover: () => void seen.push('back') }))
  await clock.advance(0)
  expect(settings['db']).toBe('primary')
  up.is = true
  await clock.advance(30_000)
  expect(settings['db']).toBe('replica')
  expect(seen).toEqual(['there', 'back'])
  expect(monitor.health().status).toBe('pass')
})
