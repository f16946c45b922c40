import { expect, test } from 'vitest'
import { adapterPort } from '../../src/adapter/index.ts'
import { monitored, recoversFromOutages } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const gone = new Error('gone')

test('D10, D11: an error that means an outage hurries the pings of all services; only the ping decides', async () => {
  const { clock, service, monitor } = await setUp()
  const other = new ScriptedService({ name: 'other' })
  monitor.register(other)
  await clock.advance(10_000)
  expect(monitor.reportError(new Error('wrapped', { cause: new AggregateError([refused]) }))).toBe(true)
  await clock.advance(0)
  expect([service.calls.ping, other.calls.ping]).toEqual([2, 2])
  expect(monitor.health().status).toBe('pass')
})

test('D11: an error that names its service hurries that one alone', async () => {
  const { clock, service, monitor } = await setUp()
  const other = new ScriptedService({ name: 'other' })
  monitor.register(other)
  await clock.advance(10_000)
  monitor.reportError(refused, { service: 'other' })
  await clock.advance(0)
  expect([service.calls.ping, other.calls.ping]).toEqual([1, 2])
})

test('an error of the application hurries nothing', async () => {
  const { clock, service, monitor } = await setUp()
  await clock.advance(10_000)
  expect(monitor.reportError(new TypeError('bug'))).toBe(false)
  await clock.advance(0)
  expect(service.calls.ping).toBe(1)
})

test('D10: outageErrors extends the list by class, code or predicate; classify replaces it', async () => {
  class SearchDown extends Error {}
  const outageErrors = [SearchDown, 'E_SEARCH', (error: unknown) => error === gone]
  const { monitor } = await setUp({}, { outageErrors })
  const coded = Object.assign(new Error('x'), { code: 'E_SEARCH' })
  for (const error of [new SearchDown(), coded, gone, refused]) expect(monitor.reportError(error)).toBe(true)
  const { monitor: strict } = await setUp({}, { classify: () => 'application' })
  expect(strict.reportError(refused)).toBe(false)
})

test('a thousand errors cause one ping per errorMs, and the last of them is served', async () => {
  const { clock, service, monitor } = await setUp()
  for (let n = 0; n < 1_000; n += 1) monitor.reportError(refused)
  await clock.advance(4_999)
  expect(service.calls.ping).toBe(1)
  await clock.advance(1)
  expect(service.calls.ping).toBe(2)
  await clock.advance(60_000)
  expect(service.calls.ping).toBe(2)
})

test('while it is down, errors never cause pings sooner than outageMs', async () => {
  const { clock, service, monitor } = await setUp()
  service.scripts.ping = gone
  await clock.advance(120_000)
  const before = service.calls.ping
  for (let n = 0; n < 29; n += 1) {
    monitor.reportError(refused)
    await clock.advance(1_000)
  }
  expect(service.calls.ping).toBe(before)
})

test('a thousand concurrent triggers share one ping and one timer', async () => {
  const { clock, service, monitor } = await setUp({}, { background: false })
  service.scripts.ping = 'hang'
  const waiters = Array.from({ length: 1_000 }, () => monitor.pingDue())
  await clock.advance(0)
  expect(service.calls.ping).toBe(1)
  expect(clock.timers).toBeLessThanOrEqual(3)
  service.release()
  await Promise.all(waiters)
})

test('D4: a trigger that comes too early is kept: served at the end of the interval, or by the next trigger', async () => {
  const { clock, service, monitor } = await setUp(
    { pingIntervals: { monitoringMs: 10_000 } },
    { background: false },
  )
  await monitor.pingDue()
  expect(service.calls.ping).toBe(1)
  monitor.reportError(refused)
  await clock.advance(5_000)
  expect(service.calls.ping).toBe(1)
  await monitor.pingDue()
  expect(service.calls.ping).toBe(2)
})

test('D4: an interval of 0 pings at every trigger', async () => {
  const { clock, service, monitor } = await setUp(
    { pingIntervals: { monitoringMs: 0 } },
    { background: false },
  )
  for (let n = 0; n < 5; n += 1) await monitor.pingDue()
  expect(service.calls.ping).toBe(5)
  expect(clock.timers).toBe(0)
})

test('D20: without background nothing runs by itself, and triggers alone fail over and recover', async () => {
  const { clock, service, monitor } = await setUp({}, { background: false })
  await clock.advance(3_600_000)
  expect(service.calls.ping).toBe(0)
  service.scripts.ping = gone
  await monitor.pingDue()
  expect(service.calls.failover).toBe(1)
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  await monitor.pingOutages()
  await clock.advance(0)
  expect(service.calls.recover).toBe(1)
})

test('D12: monitored and recoversFromOutages trigger before the call and leave the function as it is', async () => {
  const { clock, service, monitor } = await setUp({}, { background: false })
  const owner = {
    factor: 2,
    times: monitored(monitor, function times(this: { factor: number }, x: number) {
      return this.factor * x
    }),
  }
  expect(owner.times(4)).toBe(8)
  expect([owner.times.name, owner.times.length]).toEqual(['times', 1])
  await clock.advance(0)
  expect(service.calls.ping).toBe(1)
  const failing = recoversFromOutages(monitor, () => {
    throw gone
  })
  expect(() => failing()).toThrow(gone)
  await clock.advance(120_000)
  expect(service.calls.ping).toBe(1)
})

test('success in traffic stands in for monitoring pings, three times in a row; never for the first one', async () => {
  const { clock, monitor, service } = await setUp({ jitter: 1, pingIntervals: { monitoringMs: 10_000 } })
  const handle = adapterPort(monitor).service('scripted')
  const pings: number[] = []
  for (let interval = 0; interval < 9; interval += 1) {
    handle.noteSuccess()
    await clock.advance(15_000)
    pings.push(service.calls.ping)
  }
  expect(pings[0]).toBe(1)
  expect(pings.at(-1)).toBeGreaterThanOrEqual(2)
  expect(pings.at(-1)).toBeLessThanOrEqual(4)
})
