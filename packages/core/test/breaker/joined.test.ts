import { describe, expect, test } from 'vitest'
import { CircuitOpenError, consecutiveFailures, MisconfiguredError } from '../../src/index.ts'
import { HOUR, setUp } from '../support/setup.ts'
import { DEAD, join, joinFailedOver, MONITORING_MS, OUTAGE_MS } from './joined.support.ts'
import { begin, breakIt, errorOf, fails, gone, outcomeOf, works } from './support.ts'

describe('calls that fail', () => {
  test('start the failover, once, and say so in the log', async () => {
    const { clock, service, breaker, events, lines } = await join()
    expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    await clock.advance(0)
    expect(service.calls.failover).toBe(1)
    expect(events.types('circuit-changed', 'outage-began')).toEqual(['circuit-changed', 'outage-began'])
    expect(lines().filter(([level]) => level === 'fatal')).toHaveLength(1)
  })

  test('are refused between the trip and the end of failover()', async () => {
    const { clock, service, breaker, health } = await join()
    service.scripts.failover = 'hang'
    await breakIt(breaker)
    await clock.advance(0)
    expect(health()?.failover).toBe('failing-over')
    expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    service.release()
    await clock.advance(0)
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
  })

  test('say nothing once they are rescued: a standby that fails changes nothing of the service', async () => {
    const { service, breaker, health } = await joinFailedOver()
    for (let call = 0; call < 20; call += 1) expect(await errorOf(() => breaker.run(fails))).toBe(gone)
    expect(health()).toMatchObject({ state: 'open', failover: 'failed-over' })
    expect(breaker.counts).toMatchObject({ rescued: 20, trials: 0, refused: 0 })
    expect(service.calls.failover).toBe(1)
  })

  test('nor do rescued calls that succeed bring the service back', async () => {
    const { clock, service, breaker } = await joinFailedOver()
    for (let round = 0; round < 10; round += 1) {
      expect(await breaker.run(works)).toBe('ok')
      await clock.advance(OUTAGE_MS)
    }
    expect(breaker.state).toBe('open')
    expect(service.calls.recover).toBe(0)
  })

  test('that were rescued and end after the recovery count for nothing', async () => {
    const { clock, service, breaker } = await joinFailedOver()
    const rescued = begin(breaker)
    service.scripts.ping = 'ok'
    await clock.advance(2 * OUTAGE_MS)
    expect(breaker.state).toBe('closed')
    rescued.reject(gone)
    expect(await rescued.outcome).toBe('failed')
    expect(breaker.state).toBe('closed')
  })

  test('trigger a due ping where no timer does', async () => {
    const { clock, service, breaker } = await join({ openMs: 1_000 }, {}, { background: false })
    await breakIt(breaker)
    await clock.advance(MONITORING_MS)
    const pings = service.calls.ping
    await breaker.run(works)
    await clock.advance(0)
    expect(service.calls.ping).toBe(pings + 1)
    await clock.advance(0)
    expect([breaker.state, service.calls.recover]).toEqual(['closed', 1])
  })
})

test('a service that knows its errors says which of them count', async () => {
  const { service, monitor } = await setUp({
    classify: (error) => (error === gone ? 'outage' : 'application'),
  })
  const breaker = monitor.breaker('scripted', { tripRule: consecutiveFailures(1) })
  await errorOf(() => breaker.run(() => Promise.reject(new SyntaxError('bad query'))))
  expect(breaker.state).toBe('closed')
  expect(breaker.counts.ignored).toBe(1)
  await errorOf(() => breaker.run(fails))
  expect(breaker.state).toBe('open')
  expect(service.calls.ping).toBe(1)
})

describe('pings', () => {
  test('open the breaker before the first caller is hurt', async () => {
    const { clock, service, breaker } = await join()
    service.scripts.ping = DEAD
    service.scripts.failover = new Error('no standby')
    await clock.advance(MONITORING_MS)
    let calls = 0
    const error = await errorOf(() => breaker.run(() => (calls += 1)))
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect((error as Error).cause).toMatchObject({ message: 'ECONNREFUSED' })
    expect(calls).toBe(0)
  })

  test('close it without sacrificing a caller', async () => {
    const { clock, service, breaker } = await join()
    service.scripts.ping = DEAD
    await clock.advance(MONITORING_MS)
    service.scripts.ping = 'ok'
    await clock.advance(OUTAGE_MS)
    expect(breaker.state).toBe('closed')
    expect(breaker.counts).toMatchObject({ trials: 0, late: 0 })
    expect(service.calls.recover).toBe(1)
  })

  test('alone decide where there is a ping: no call is a trial, however long it lasts', async () => {
    const { clock, service, breaker } = await join({ openMs: 1_000 })
    service.scripts.ping = DEAD
    service.scripts.failover = DEAD
    await breakIt(breaker)
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(OUTAGE_MS)
      expect(await outcomeOf(() => breaker.run(works))).toBe('refused')
    }
    expect(breaker.state).toBe('open')
  })

  test('that are good do not close a circuit that calls opened before its open time has passed', async () => {
    const { clock, service, breaker } = await join({ openMs: 100_000 })
    await breakIt(breaker)
    await clock.advance(99_999)
    expect(service.calls.ping).toBeGreaterThan(2)
    expect(breaker.state).toBe('open')
    await clock.advance(OUTAGE_MS)
    expect(breaker.state).toBe('closed')
  })

  test('beside calls that go on failing: each opening lasts twice as long, and so it does not flap', async () => {
    const { clock, breaker } = await join({ openMs: 60_000 })
    const openings: number[] = []
    const closings: number[] = []
    breaker.on('circuit-changed', ({ at, to }) => void (to === 'open' ? openings : closings).push(at))
    for (let passed = 0; passed < HOUR; passed += 10_000) {
      await outcomeOf(() => breaker.run(fails))
      await clock.advance(10_000)
    }
    expect(openings.length + closings.length).toBeLessThanOrEqual(7_200_000 / 60_000)
    const lasted = closings.map((closedAt, index) => closedAt - (openings[index] ?? 0))
    for (const [index, leastMs] of [60_000, 120_000, 240_000, 300_000, 300_000].entries())
      expect(lasted[index]).toBeGreaterThanOrEqual(leastMs)
  })

  test('that were misconfigured decide nothing: then a trial may', async () => {
    const { clock, service, breaker, monitor } = await join({ openMs: 1_000 })
    service.scripts.failover = DEAD
    service.scripts.ping = new MisconfiguredError('wrong password')
    await breakIt(breaker)
    await monitor.pingDue()
    await clock.advance(MONITORING_MS)
    expect(await outcomeOf(() => breaker.run(works))).toBe('succeeded')
    expect(breaker.counts.trials).toBe(1)
    expect(breaker.state).toBe('closed')
  })

  test('of a service that calls have just reached may wait, three times at most', async () => {
    const { clock, service, breaker } = await join()
    const pings = service.calls.ping
    for (let interval = 0; interval < 3; interval += 1) {
      await breaker.run(works)
      await clock.advance(MONITORING_MS)
    }
    expect(service.calls.ping).toBe(pings)
    await breaker.run(works)
    await clock.advance(MONITORING_MS)
    expect(service.calls.ping).toBe(pings + 1)
  })

  test('name what opened the circuit this time, and not what calls met an hour ago', async () => {
    const { clock, service, breaker } = await join()
    service.scripts.failover = new Error('no standby')
    await breakIt(breaker)
    await clock.advance(MONITORING_MS)
    expect(breaker.state).toBe('closed')
    service.scripts.ping = DEAD
    await clock.advance(MONITORING_MS)
    const error = await errorOf(() => breaker.run(works))
    expect((error as Error).cause).toMatchObject({ message: 'ECONNREFUSED' })
  })
})
