/* Ours, as its README shows each rule. */
import { CircuitBreaker, consecutiveFailures, failureRate } from '@failover/core'
import type { Library, Subject } from './subject.ts'

const consecutive = subject(() => new CircuitBreaker({ name: 'api', tripRule: consecutiveFailures(5) }))
const count = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      tripRule: failureRate({ threshold: 0.5, windowCalls: 100, minimumCalls: 20 }),
    }),
)
const time = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      tripRule: failureRate({ threshold: 0.5, windowMs: 10_000, minimumCalls: 20 }),
    }),
)
const timeAndSlow = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      tripRule: failureRate({ threshold: 0.5, windowMs: 10_000, minimumCalls: 20, slowCallMs: 1_000 }),
    }),
)

const byCall: Subject<CircuitBreaker> = {
  ...count,
  guard: (breaker, task) => (x) => breaker.call(task, x),
}
const byRun: Subject<CircuitBreaker> = {
  ...count,
  guard: (breaker, task) => (x) => breaker.run(() => task(x)),
}
/** The work stands inside: a permit is for code that awaits anyway, and so needs no promise of the breaker's. */
const byPermit: Subject<CircuitBreaker> = {
  ...count,
  guard: (breaker) => async (x) => {
    const permit = breaker.tryAcquire()
    if (permit === undefined) throw new Error('refused')
    try {
      const value = x + 1
      permit.succeed()
      return value
    } catch (error) {
      permit.fail(error)
      throw error
    }
  },
}

const countWithTimeout = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      timeoutMs: 10_000,
      tripRule: failureRate({ threshold: 0.5, windowCalls: 100, minimumCalls: 20 }),
    }),
)
const timeWithTimeout = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      timeoutMs: 10_000,
      tripRule: failureRate({ threshold: 0.5, windowMs: 10_000, minimumCalls: 20 }),
    }),
)

const patientConsecutive = subject(
  () => new CircuitBreaker({ name: 'api', tripRule: consecutiveFailures(100) }),
)
const patientCount = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      tripRule: failureRate({ threshold: 1, windowCalls: 100, minimumCalls: 20 }),
    }),
)
const patientTime = subject(
  () =>
    new CircuitBreaker({
      name: 'api',
      tripRule: failureRate({ threshold: 1, windowMs: 10_000, minimumCalls: 20 }),
    }),
)
const withFallback = subject(
  () => new CircuitBreaker({ name: 'api', tripRule: consecutiveFailures(5), fallback: () => 0 }),
)

export const failover: Library = {
  name: '@failover/core',
  imports: ['{ CircuitBreaker, consecutiveFailures }', '*'],
  subjects: {
    closed: {
      consecutive,
      'count 100': count,
      'time 10 s': time,
      'time 10 s + slow calls': timeAndSlow,
      'count 100, permit inline': byPermit,
      'count 100, call()': byCall,
      'count 100, run()': byRun,
    },
    timeout: { 'count 100 + timeout': countWithTimeout, 'time 10 s + timeout': timeWithTimeout },
    failing: { consecutive: patientConsecutive, 'count 100': patientCount, 'time 10 s': patientTime },
    window: { 'count 100': patientCount, 'time 10 s': patientTime },
    refused: { error: consecutive, fallback: withFallback, permit: consecutive },
    breakers: { consecutive, 'count 100': count, 'time 10 s': time, 'time 10 s + slow calls': timeAndSlow },
    signal: {
      'count 100, run()': byRun,
      'count 100 + timeout, run()': countWithTimeout,
    },
  },
}

function subject(make: () => CircuitBreaker): Subject<CircuitBreaker> {
  return {
    make,
    guard: (breaker, task) => breaker.wrap(task),
    isClosed: (breaker) => breaker.state === 'closed',
    attempt: (breaker) => breaker.tryAcquire(),
    under: (breaker, task, signal) => (x) => breaker.run(() => task(x), { signal }),
    dispose: (breaker) => breaker.close(),
  }
}
