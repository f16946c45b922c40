import { describe, expect, test, vi } from 'vitest'
import { adapterPort } from '../../src/adapter/index.ts'
import { monitored, recoversFromOutages, Service, ServiceMonitor } from '../../src/index.ts'
import { EventRecorder, FakeClock } from '../../src/testing/index.ts'
import { HOUR, setUp } from '../support/setup.ts'

const gone = new Error('gone')
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

test('the first ping is due at any time, also before its background timer', async () => {
  const clock = new FakeClock()
  const ping = vi.fn()
  const monitor = new ServiceMonitor({ clock, logger: false, services: [new Service({ name: 'a', ping })] })
  expect(clock.timers).toBe(1)
  await monitor.pingDue()
  expect(ping).toHaveBeenCalledTimes(1)
})

test('triggers that come while a ping runs join it, and all see its outcome', async () => {
  const { clock, service, monitor } = await setUp()
  service.scripts.ping = 'hang'
  await clock.advance(120_000)
  const seen: unknown[] = []
  const see = (): void => void seen.push(monitor.health().services['scripted']?.state)
  const waiting = [monitor.pingDue().then(see), monitor.pingDue().then(see)]
  monitor.reportError(refused)
  service.release(gone)
  await Promise.all(waiting)
  expect(seen).toEqual(['open', 'open'])
  expect(service.calls.ping).toBe(2)
})

test('an error that is reported while a ping runs costs no second ping', async () => {
  const { clock, service, monitor } = await setUp()
  service.scripts.ping = 'hang'
  await clock.advance(120_000)
  service.scripts.ping = 'ok'
  monitor.reportError(refused)
  service.release()
  await clock.advance(60_000)
  expect(service.calls.ping).toBe(2)
})

test('a ping whose own work triggers pings is not run inside itself, even at an interval of 0', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false, background: false })
  const ping = vi.fn(
    monitored(monitor, () => {
      monitor.reportError(refused)
    }),
  )
  const pingIntervals = { monitoringMs: 0, errorMs: 0, outageMs: 0 }
  monitor.register(new Service({ name: 'nested', ping, pingIntervals }))
  await monitor.pingDue()
  expect(ping).toHaveBeenCalledTimes(1)
  expect(monitor.health().services['nested']).toMatchObject({ state: 'closed', lastPing: 'good' })
})

test('the answer of a ping that comes after close() moves nothing', async () => {
  const { clock, service, monitor, events } = await setUp()
  service.scripts.ping = 'hang'
  await clock.advance(120_000)
  const waiting = monitor.pingDue()
  const closing = monitor.close()
  await waiting
  service.release(gone)
  await clock.advance(HOUR)
  await closing
  expect(events.types()).toEqual(['closed'])
  expect(service.calls.failover).toBe(0)
})

test('close() aborts the ping that runs, and waits for it no longer than a second', async () => {
  const clock = new FakeClock()
  const aborted = vi.fn()
  const ping = ({ signal }: { signal: AbortSignal }): Promise<void> =>
    new Promise(() => signal.addEventListener('abort', aborted))
  const monitor = new ServiceMonitor({ clock, logger: false, services: [new Service({ name: 'a', ping })] })
  void monitor.pingDue()
  const closed = vi.fn()
  void monitor.close().then(closed)
  await clock.advance(1_000)
  expect(aborted).toHaveBeenCalledTimes(1)
  expect(closed).toHaveBeenCalledTimes(1)
  expect(clock.timers).toBe(0)
})

test('D18: while the service is down its pings have their own, shorter deadline', async () => {
  const { clock, service, events } = await setUp({ pingTimeoutMs: 10_000, outagePingTimeoutMs: 1_000 })
  service.scripts.ping = 'hang'
  await clock.advance(120_000 + 9_999)
  expect(events.types('ping-failed')).toHaveLength(0)
  await clock.advance(1)
  expect(events.types('ping-failed')).toHaveLength(1)
  await clock.advance(20_000 + 1_000)
  expect(events.types('ping-failed')).toHaveLength(2)
})

test('after a sleep of any length each service is pinged once, and the outage is told once', async () => {
  const { clock, service, lines } = await setUp()
  await clock.stall(240 * HOUR)
  await clock.advance(0)
  expect(service.calls.ping).toBe(2)
  service.scripts.ping = gone
  await clock.advance(120_000)
  const before = service.calls.ping
  await clock.stall(240 * HOUR)
  await clock.advance(0)
  expect(service.calls.ping).toBe(before + 1)
  expect(lines()).toHaveLength(2)
})

test('an interval longer than a timer can be is honoured', async () => {
  const monitoringMs = 3 * 2 ** 31
  const { clock, service } = await setUp({ pingIntervals: { monitoringMs } })
  await clock.advance(monitoringMs - 1)
  expect(service.calls.ping).toBe(1)
  await clock.advance(1)
  expect(service.calls.ping).toBe(2)
})

/** A service dies, is failed over, and returns; the wall clock jumps between any two steps. */
async function lifeUnderWallJumps(jumpMs: number): Promise<unknown[]> {
  const { clock, service, events, lines } = await setUp()
  service.scripts.failover = new Error('no standby')
  for (const script of [gone, gone, 'ok', 'ok', gone, 'ok'] as const) {
    service.scripts.ping = script
    for (let step = 0; step < 50; step += 1) {
      clock.moveWall(step % 2 === 0 ? jumpMs : -2 * jumpMs)
      await clock.advance(120_000)
    }
  }
  return [events.events.map((event) => ({ ...event, at: 0 })), lines(), service.calls]
}

test.each([HOUR, -HOUR, 365 * 24 * HOUR, -365 * 24 * HOUR])(
  'a wall clock that jumps by %i ms changes no ping, event, hook or log line',
  async (jumpMs) => {
    expect(await lifeUnderWallJumps(jumpMs)).toEqual(await lifeUnderWallJumps(0))
  },
)

const shapes: [string, () => unknown, 'good' | 'failed'][] = [
  ['returns a value', () => 42, 'good'],
  ['returns a thenable', () => ({ then: (ok: () => void) => ok() }), 'good'],
  ['returns a thenable that settles twice', () => thenableTwice(), 'good'],
  ['returns a thenable whose then throws', () => thenableThrowing(), 'failed'],
  ['throws an error that is its own cause', () => throwCyclic(), 'failed'],
  ['throws a function', () => throwIt(() => {}), 'failed'],
  ['rejects with nothing', () => Promise.reject(), 'failed'],
  ['rejects with a revoked proxy', () => Promise.reject(revoked()), 'failed'],
]

function throwIt(value: unknown): never {
  throw value
}

function throwCyclic(): never {
  const error = new Error('round')
  error.cause = error
  throw error
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function thenableTwice(): object {
  return {
    then(ok: () => void, ko: (error: unknown) => void) {
      ok()
      ko(gone)
    },
  }
}

function thenableThrowing(): object {
  return { then: () => throwIt(gone) }
}

test.each(shapes)('a ping that %s is told apart', async (_what, ping, expected) => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  monitor.register(new Service({ name: 'odd', jitter: 0, ping }))
  await clock.advance(600_000)
  expect(monitor.health().services['odd']?.lastPing).toBe(expected)
  await monitor.close()
})

describe('monitored and recoversFromOutages', () => {
  test('D12: an asynchronous function keeps its result, its error and its arguments', async () => {
    const { monitor } = await setUp({}, { background: false })
    const double = monitored(monitor, async (n: number) => Promise.resolve(2 * n))
    const failing = recoversFromOutages(monitor, async () => Promise.reject(gone))
    expect(await double(21)).toBe(42)
    await expect(failing()).rejects.toBe(gone)
  })

  test('D12: neither waits for a ping that hangs', async () => {
    const { service, monitor } = await setUp({}, { background: false })
    service.scripts.ping = 'hang'
    expect(await monitored(monitor, async () => Promise.resolve('at once'))()).toBe('at once')
    expect(service.calls.ping).toBe(1)
    service.release()
  })

  test('D12: recoversFromOutages pings the services that are down and no others', async () => {
    const { clock, service, monitor } = await setUp({}, { background: false })
    const up = vi.fn()
    monitor.register(new Service({ name: 'up', ping: up, pingIntervals: { monitoringMs: 0 } }))
    service.scripts.ping = gone
    await monitor.pingDue()
    await clock.advance(30_000)
    recoversFromOutages(monitor, () => {})()
    await clock.advance(0)
    expect([service.calls.ping, up.mock.calls.length]).toEqual([2, 1])
  })

  test('what is no function is refused', async () => {
    const { monitor } = await setUp()
    expect(() => monitored(monitor, 'text' as unknown as () => void)).toThrow(/fn must be a function/)
  })

  test('a monitor that is closed or disabled leaves the function alone', async () => {
    const { monitor } = await setUp()
    await monitor.close()
    expect(monitored(monitor, () => 1)()).toBe(1)
    const disabled = await setUp({}, { enabled: false })
    expect(recoversFromOutages(disabled.monitor, () => 2)()).toBe(2)
  })
})

test('D11: an error of one service, named, is kept until its interval ends and served without another', async () => {
  const { clock, service, monitor } = await setUp()
  await clock.advance(1_000)
  monitor.reportError(refused, { service: 'scripted' })
  await clock.advance(3_999)
  expect(service.calls.ping).toBe(1)
  await clock.advance(1)
  expect(service.calls.ping).toBe(2)
  expect(() => monitor.reportError(refused, { service: 'unknown' })).toThrow(/no service "unknown"/)
})

test('an errors’ classifier or predicate that throws says nothing', async () => {
  const { monitor } = await setUp({}, { classify: () => throwIt(gone), outageErrors: [() => throwIt(gone)] })
  expect(monitor.reportError(refused)).toBe(false)
})

test('only a ping opens the circuit: ten thousand errors alone never do', async () => {
  const { clock, service, monitor } = await setUp()
  const events = new EventRecorder(monitor)
  for (let n = 0; n < 10_000; n += 1) monitor.reportError(refused)
  await clock.advance(600_000)
  expect(events.types('circuit-changed')).toEqual([])
  expect(service.calls.failover).toBe(0)
})

test('success in traffic while failures are being counted postpones nothing', async () => {
  const { clock, service, monitor } = await setUp({ failuresToOpen: 2 })
  service.scripts.ping = gone
  await clock.advance(120_000)
  adapterPort(monitor).service('scripted').noteSuccess()
  await clock.advance(5_000)
  expect(monitor.health().services['scripted']?.state).toBe('open')
})
