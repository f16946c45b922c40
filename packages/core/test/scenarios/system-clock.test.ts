import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, expect, test, vi } from 'vitest'
import { Service, ServiceMonitor, systemClock } from '../../src/index.ts'

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

afterEach(() => void vi.useRealTimers())

test('a delay longer than a timer can be fires after that delay, and not before', async () => {
  vi.useFakeTimers()
  const task = vi.fn()
  const delayMs = 2 * LONGEST_TIMEOUT_MS + 1_000
  systemClock.startTimer(task, delayMs)
  await vi.advanceTimersByTimeAsync(delayMs - 1)
  expect(task).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(task).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('no single timer is asked for more than it can do, and a long one can be cancelled half-way', async () => {
  vi.useFakeTimers()
  const started = vi.spyOn(globalThis, 'setTimeout')
  const task = vi.fn()
  const timer = systemClock.startTimer(task, Number.MAX_SAFE_INTEGER)
  await vi.advanceTimersByTimeAsync(3 * LONGEST_TIMEOUT_MS)
  expect(started.mock.calls.every(([, delayMs = 0]) => delayMs <= LONGEST_TIMEOUT_MS)).toBe(true)
  timer.cancel()
  timer.cancel()
  expect(vi.getTimerCount()).toBe(0)
  expect(task).not.toHaveBeenCalled()
})

test('intervals of a century make no ping storm', async () => {
  vi.useFakeTimers()
  const ping = vi.fn()
  const century = 100 * 365 * 24 * 3_600_000
  const pingIntervals = { monitoringMs: century, outageMs: century, errorMs: century }
  const service = new Service({ name: 'calm', jitter: 0, ping, pingIntervals })
  const monitor = new ServiceMonitor({ logger: false, services: [service] })
  await vi.advanceTimersByTimeAsync(4 * LONGEST_TIMEOUT_MS)
  expect(ping).toHaveBeenCalledTimes(1)
  await monitor.close()
})

test('timers, pings, hooks and listeners know nothing of the request in which the service was registered', async () => {
  const requests = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const monitor = new ServiceMonitor({
    logger: false,
    pingIntervals: { monitoringMs: 1, outageMs: 1, errorMs: 1 },
  })
  const note = (what: string): void => void seen.push([what, requests.getStore()])
  const ended = new Promise<void>((resolve) => {
    const steps = ['down', 'up']
    const ping = (): void => {
      note('ping')
      if (steps.shift() === 'down') throw new Error('gone')
    }
    monitor.on('outage-began', () => note('outage-began'))
    monitor.on('outage-ended', () => {
      note('outage-ended')
      resolve()
    })
    requests.run('request 1', () => {
      const hooks = { failover: () => note('failover'), recover: () => note('recover') }
      monitor.register(new Service({ name: 'als', jitter: 0, ping, ...hooks }))
      systemClock.startTimer(() => note('timer'), 0)
    })
  })
  await ended
  await monitor.close()
  expect(new Set(seen.map((each) => (each as unknown[])[1]))).toEqual(new Set([undefined]))
  const whats = new Set(seen.map((each) => (each as unknown[])[0]))
  expect(whats).toEqual(new Set(['ping', 'timer', 'outage-began', 'failover', 'recover', 'outage-ended']))
})
