import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  consecutiveFailures,
  ContradictoryOptionsError,
  InvalidOptionError,
  ServiceMonitor,
  type BreakerOptions,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { DEAD, join, MONITORING_MS } from './joined.support.ts'
import { breakIt, errorOf, fails, gone, guard, OPEN_MS, outcomeOf, works } from './support.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('holds', () => {
  test('open: calls reach the standby, and the service itself none', async () => {
    const { clock, service, monitor, breaker } = await join()
    service.scripts.failover = 'hang'
    monitor.hold('scripted', 'open', { reason: 'maintenance' })
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    await clock.advance(0)
    service.release()
    await clock.advance(0)
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(breaker.counts).toMatchObject({ refused: 1, rescued: 1 })
  })

  test('closed: calls pass though pings fail', async () => {
    const { clock, service, breaker } = await join()
    service.scripts.ping = DEAD
    breaker.hold('closed', { author: 'ann' })
    await clock.advance(2 * MONITORING_MS)
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(breaker.state).toBe('closed')
    expect(service.calls.failover).toBe(0)
  })

  test('the breaker and the monitor hold the same circuit', async () => {
    const { clock, monitor, breaker, health } = await join()
    breaker.hold('open', { author: 'ann' })
    await clock.advance(0)
    expect(health()).toMatchObject({ state: 'open', hold: 'open' })
    monitor.unhold('scripted')
    await clock.advance(0)
    expect(breaker.state).toBe('closed')
  })

  test('observe: nothing is refused, and what would have been is counted and told', async () => {
    const { clock, service, breaker, events } = await join()
    breaker.hold('observe')
    service.scripts.ping = DEAD
    await breakIt(breaker, 1)
    await clock.advance(MONITORING_MS)
    for (let call = 0; call < 3; call += 1)
      expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(breaker.counts).toMatchObject({ wouldRefuse: 3, refused: 0 })
    expect(events.types('call-refused')).toHaveLength(3)
    expect(events.events.findLast(({ type }) => type === 'call-refused')).toMatchObject({ observed: true })
    expect(service.calls.failover).toBe(0)
  })

  test('that expire let calls decide again', async () => {
    const { clock, breaker } = await join()
    breaker.hold('open', { expiresInMs: 5_000 })
    await clock.advance(5_000)
    expect(breaker.state).toBe('closed')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })
})

test('a hold that has expired is over also where no timer runs', async () => {
  const { clock, breaker, health } = await join({}, {}, { background: false })
  breaker.hold('closed', { expiresInMs: 5_000 })
  await clock.advance(5_000)
  expect(health()?.hold).toBe('none')
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
})

describe('beneath a hold on closed or observe the evidence goes on', () => {
  test.each(['closed', 'observe'] as const)(
    '%s: failures trip, and after unhold calls are refused',
    async (kind) => {
      const { breaker } = guard()
      breaker.hold(kind)
      await outcomeOf(() => breaker.run(fails))
      expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
      expect(breaker.counts.wouldRefuse).toBe(1)
      breaker.unhold()
      expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    },
  )

  test.each(['closed', 'observe'] as const)(
    '%s: the first call after the open time is its trial',
    async (kind) => {
      const { clock, breaker } = guard()
      await breakIt(breaker)
      breaker.hold(kind)
      await clock.advance(OPEN_MS)
      await breaker.run(works)
      expect(breaker.counts).toMatchObject({ trials: 1, wouldRefuse: 0 })
      breaker.unhold()
      expect(breaker.state).toBe('closed')
    },
  )

  test('open: nothing is called, and time alone makes half-open due', async () => {
    const { clock, breaker } = guard()
    await breakIt(breaker)
    breaker.hold('open')
    await clock.advance(10 * OPEN_MS)
    expect(breaker.state).toBe('open')
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    breaker.unhold()
    expect(breaker.state).toBe('half-open')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })
})

describe('switched off', () => {
  test('enabled: false: calls pass and count for nothing, the service is watched all the same', async () => {
    const { clock, service, breaker, health } = await join({ enabled: false })
    for (let call = 0; call < 20; call += 1) await outcomeOf(() => breaker.run(fails))
    expect(health()?.state).toBe('closed')
    service.scripts.ping = DEAD
    await clock.advance(MONITORING_MS)
    expect(health()?.state).toBe('open')
    expect(await breaker.run(works)).toBe('ok')
    expect(breaker.counts.rescued).toBe(0)
  })

  test('FAILOVER_DISABLED=1: calls pass untouched', async () => {
    vi.stubEnv('FAILOVER_DISABLED', '1')
    const { breaker, service } = await join({ fallback: () => 'fallback' })
    for (let call = 0; call < 20; call += 1) expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    expect(breaker.state).toBe('closed')
    expect(service.calls.failover).toBe(0)
  })

  test('after close() of the monitor calls pass, also those of an open circuit', async () => {
    const { service, monitor, breaker } = await join()
    service.scripts.failover = 'hang'
    await breakIt(breaker)
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    void monitor.close()
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(() => monitor.breaker('scripted')).toThrow(expect.objectContaining({ code: 'ERR_MONITOR_CLOSED' }))
  })

  test('after close() of the breaker calls pass, and the service is still failed over by its pings', async () => {
    const { clock, service, breaker } = await join()
    breaker.close()
    for (let call = 0; call < 20; call += 1) await outcomeOf(() => breaker.run(fails))
    service.scripts.ping = DEAD
    await clock.advance(MONITORING_MS)
    expect(service.calls.failover).toBe(1)
  })
})

test('after unregister calls pass', async () => {
  const { service, monitor, breaker } = await join()
  service.scripts.failover = 'hang'
  await breakIt(breaker)
  monitor.unregister('scripted')
  expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
})

describe('one breaker for one service', () => {
  const options = (): BreakerOptions => ({ openMs: 5_000, tripRule: consecutiveFailures(3) })

  test('the same name with the same options, or none, is the same breaker', () => {
    const monitor = new ServiceMonitor({ clock: new FakeClock(), logger: false })
    const breaker = monitor.breaker('api', options())
    expect(monitor.breaker('api', options())).toBe(breaker)
    expect(monitor.breaker('api')).toBe(breaker)
  })

  test('the same name with other options is an error that names the option', () => {
    const monitor = new ServiceMonitor({ clock: new FakeClock(), logger: false })
    const breaker = monitor.breaker('api', options())
    const others: BreakerOptions[] = [
      { ...options(), openMs: 6_000 },
      { ...options(), tripRule: consecutiveFailures(4) },
      { ...options(), timeoutMs: 50 },
    ]
    for (const other of others) expect(() => monitor.breaker('api', other)).toThrow(ContradictoryOptionsError)
    expect(() => monitor.breaker('api', others[0])).toThrow(/"api".*openMs/)
    expect(monitor.breaker('api')).toBe(breaker)
  })

  test('options that are wrong are refused, and register nothing', () => {
    const monitor = new ServiceMonitor({ clock: new FakeClock(), logger: false })
    expect(() => monitor.breaker('api', { openMs: -1 })).toThrow(InvalidOptionError)
    expect(() => monitor.breaker('api', { name: 'x' } as BreakerOptions)).toThrow(InvalidOptionError)
    expect(monitor.health().services).toEqual({})
  })

  test('a name that nobody registered becomes a service without a ping', async () => {
    const clock = new FakeClock()
    const monitor = new ServiceMonitor({ clock, logger: false })
    const breaker = monitor.breaker('quotes', { tripRule: consecutiveFailures(1), openMs: 1_000 })
    await breakIt(breaker)
    expect(monitor.health().services['quotes']).toMatchObject({ state: 'open', lastPing: 'none' })
    await clock.advance(1_000)
    expect(breaker.state).toBe('half-open')
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(monitor.health().services['quotes']?.state).toBe('closed')
  })
})
