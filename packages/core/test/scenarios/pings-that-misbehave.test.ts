import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { MisconfiguredError, Service, ServiceMonitor, type PingContext } from '../../src/index.ts'
import { FakeClock, LogRecorder } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

test('a ping that hangs fails at its deadline, and its late answer is dropped', async () => {
  const { clock, service, monitor } = await setUp({ pingTimeoutMs: 500 })
  service.scripts.ping = 'hang'
  await clock.advance(120_499)
  expect(monitor.health().services['scripted']?.state).toBe('closed')
  await clock.advance(1)
  expect(monitor.health().services['scripted']?.state).toBe('open')
  service.release()
  await clock.advance(0)
  expect(monitor.health().services['scripted']?.state).toBe('open')
})

test('a ping that never ends is not started a third time; the service counts as down', async () => {
  const { clock, service } = await setUp()
  service.scripts.ping = 'hang'
  await clock.advance(120_000 + 10 * 30_000)
  expect(service.calls.ping).toBe(1 + 2)
  service.scripts.ping = 'ok'
  service.release()
  await clock.advance(60_000)
  expect(service.calls.ping).toBeGreaterThan(3)
})

test.each([
  ['undefined', undefined],
  ['null', null],
  ['a string', 'down'],
  ['a symbol', Symbol('down')],
  ['a frozen object', Object.freeze({})],
  [
    'an object whose getters throw',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap')
        },
      },
    ),
  ],
])('a ping that throws %s is a failed ping', async (_what, thrown) => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const throws = (): never => {
    throw thrown
  }
  monitor.register(new Service({ name: 'throws', jitter: 0, ping: throws }))
  monitor.register(new Service({ name: 'rejects', jitter: 0, ping: async () => throws() }))
  await clock.advance(0)
  const states = Object.values(monitor.health().services).map(({ state }) => state)
  expect(states).toEqual(['open', 'open'])
})

test('a wrong login is loud and fails nothing over', async () => {
  const { clock, service, monitor, lines } = await setUp()
  service.scripts.ping = new MisconfiguredError('password refused')
  await clock.advance(10 * 120_000)
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'closed', lastPing: 'misconfigured' })
  expect(service.calls.failover).toBe(0)
  expect(lines()).toEqual([
    [
      'error',
      'scripted cannot be monitored, its ping is misconfigured: ERR_MISCONFIGURED password refused. No failover.',
    ],
  ])
})

test('our own stalled event loop is no outage: the ping is repeated, and only the third in a row counts', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false, pingIntervals: { errorMs: 10_000 } })
  const answerless = ({ signal }: PingContext): Promise<void> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  monitor.register(new Service({ name: 'slow', jitter: 0, pingTimeoutMs: 500, ping: answerless }))
  await clock.advance(0)
  for (const expected of ['closed', 'closed', 'open']) {
    await clock.stall(5_000)
    await clock.advance(0)
    expect(monitor.health().services['slow']?.state).toBe(expected)
    await clock.advance(5_000)
  }
})

test('pings and hooks run outside the request that triggered them', async () => {
  const requests = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: new LogRecorder(), background: false })
  monitor.on('outage-began', () => seen.push(requests.getStore()))
  monitor.register(
    new Service({
      name: 'als',
      ping: () => {
        seen.push(requests.getStore())
        throw new Error('gone')
      },
      failover: () => void seen.push(requests.getStore()),
    }),
  )
  await requests.run('request 1', async () => {
    const pings = monitor.pingDue()
    await clock.advance(0)
    await pings
  })
  expect(seen).toEqual([undefined, undefined, undefined])
})
