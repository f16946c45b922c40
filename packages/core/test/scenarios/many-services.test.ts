import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Service, ServiceMonitor } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { setUp } from '../support/setup.ts'

/** A clock whose random numbers are spread evenly. */
class SpreadClock extends FakeClock {
  #drawn = 0

  override random(): number {
    this.#drawn += 0.618_033_988_749_895
    return this.#drawn % 1
  }
}

test('the first pings of a thousand services are spread over the first second', async () => {
  const clock = new SpreadClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const started: number[] = []
  const startedAt = clock.now()
  for (let n = 0; n < 1_000; n += 1)
    monitor.register(
      new Service({ name: `service ${n}`, ping: () => void started.push(clock.now() - startedAt) }),
    )
  await clock.advance(1_000)
  expect(started).toHaveLength(1_000)
  const buckets = Array.from({ length: 100 }, () => 0)
  for (const at of started) buckets[Math.min(99, Math.floor(at / 10))]! += 1
  expect(Math.max(...buckets)).toBeLessThanOrEqual(20)
})

test('background pings come later by up to the jitter, never sooner', async () => {
  const clock = new SpreadClock()
  const monitor = new ServiceMonitor({ clock, logger: false, pingIntervals: { monitoringMs: 10_000 } })
  const started: number[] = []
  monitor.register(new Service({ name: 'jittered', jitter: 0.5, ping: () => void started.push(clock.now()) }))
  await clock.advance(1_000_000)
  const gaps = started.slice(1).map((at, index) => at - started[index]!)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(15_000)
  expect(new Set(gaps).size).toBeGreaterThan(10)
})

test('ten thousand services take one timer each, and unregister leaves none', async () => {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  for (let n = 0; n < 10_000; n += 1) monitor.register(new Service({ name: `s${n}`, ping: () => {} }))
  expect(clock.timers).toBe(10_000)
  for (let n = 0; n < 10_000; n += 1) monitor.unregister(`s${n}`)
  expect(clock.timers).toBe(0)
  await monitor.close()
})

test('closeWith closes with a server, and a monitor is disposable', async () => {
  const { clock, monitor, events } = await setUp()
  const server = new EventEmitter()
  monitor.closeWith(server)
  server.emit('close')
  await clock.advance(0)
  expect(events.types('closed')).toHaveLength(1)
  const other = await setUp()
  {
    await using disposable = other.monitor
    expect(disposable.health().status).toBe('pass')
  }
  expect(other.clock.timers).toBe(0)
})
