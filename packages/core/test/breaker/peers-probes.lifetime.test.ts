import { expect, test } from 'vitest'
import { CircuitBreaker, consecutiveFailures, failureRate, ServiceMonitor } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'
import { breakIt, fails, gone, guard, hangs, OPEN_MS, outcomeOf, runFixture, works } from './support.ts'

test('after close() of the monitor nothing pings on behalf of its breakers', async () => {
  const { clock, monitor, service } = await setUp()
  const breaker = monitor.breaker('scripted', { tripRule: consecutiveFailures(1) })
  await breakIt(breaker)
  await monitor.close()
  const pings = service.calls.ping
  await clock.advance(3_600_000)
  await outcomeOf(() => breaker.run(fails))
  expect(service.calls.ping).toBe(pings)
  expect(clock.timers).toBe(0)
})

test('a health check that passes again closes the breaker', async () => {
  const { clock, monitor, service } = await setUp()
  const breaker = monitor.breaker('scripted')
  service.scripts.ping = gone
  await clock.advance(120_000)
  expect(breaker.state).toBe('open')
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(breaker.state).toBe('closed')
})

test('1000 disposed breakers leave nothing behind', async () => {
  const clock = new FakeClock()
  const tripRule = failureRate({ threshold: 0.5, windowMs: 10_000, minimumCalls: 1 })
  for (let index = 0; index < 1_000; index += 1) {
    const breaker = new CircuitBreaker({ name: `api ${index}`, clock, tripRule, openMs: OPEN_MS })
    breaker.on('circuit-changed', () => undefined)
    await breakIt(breaker)
    breaker[Symbol.dispose]()
  }
  expect(clock.timers).toBe(0)
})

test('1000 disposed breakers leave no timer of calls that have ended', async () => {
  const clock = new FakeClock()
  for (let index = 0; index < 1_000; index += 1) {
    using breaker = new CircuitBreaker({ name: `api ${index}`, clock, timeoutMs: 60_000 })
    await breaker.run(works)
  }
  expect(clock.timers).toBe(0)
})

test('close() of the monitor leaves no timer of calls that have ended', async () => {
  const { clock, monitor } = await setUp()
  await monitor.breaker('scripted', { timeoutMs: 60_000 }).run(works)
  await monitor.close()
  expect(clock.timers).toBe(0)
})

test('a call that runs while its breaker is closed is still given up in time', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker({ name: 'api', clock, timeoutMs: 100 })
  const call = outcomeOf(() => breaker.run(hangs))
  breaker.close()
  await clock.advance(100)
  expect(await call).toBe('failed')
  expect(clock.timers).toBe(0)
})

test('a breaker that nobody listens to any more has no timer', async () => {
  const { clock, breaker } = guard()
  const stop = breaker.on('circuit-changed', () => undefined)
  await breakIt(breaker)
  stop()
  expect(clock.timers).toBe(0)
  await clock.advance(OPEN_MS)
  void breaker.run(hangs)
  expect(clock.timers).toBe(0)
})

test('1000 disposed breakers can be collected', async () => {
  expect(await runFixture('collect.ts', '--expose-gc')).toBe('0 of 1000 left')
})

test('1000 breakers of one monitor all work: none is dropped for another', async () => {
  const monitor = new ServiceMonitor({ clock: new FakeClock(), logger: false })
  const names = Array.from({ length: 1_000 }, (_, index) => `route ${index}`)
  const tripRule = consecutiveFailures(1)
  for (const name of names) await breakIt(monitor.breaker(name, { tripRule }))
  for (const name of names) {
    expect(monitor.breaker(name).state).toBe('open')
    expect(await outcomeOf(() => monitor.breaker(name).run(works))).toBe('refused')
  }
})

test('an opened breaker keeps no process alive', async () => {
  expect(await runFixture('opened.ts')).toBe('open, half-open, ended')
})

test('whoever awaits a call with a timeout is answered, even if nothing else keeps the process alive', async () => {
  expect(await runFixture('waits.ts')).toBe('ERR_CALL_TIMEOUT')
})

test('a call with a timeout that has ended keeps no process alive', async () => {
  expect(await runFixture('timed.ts')).toBe('ended at once')
})

test('a call that hangs beside a closed breaker leaves no timer once the breaker is closed', async () => {
  const clock = new FakeClock()
  const breaker = new CircuitBreaker({ name: 'api', clock })
  void breaker.run(hangs)
  breaker.close()
  expect(clock.timers).toBe(0)
})
