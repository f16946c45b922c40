/* With its defaults, which its documentation calls sensible; each other row says what it turns off. */
import CircuitBreaker from 'opossum'
import type { Library, Subject } from './subject.ts'

type Opossum = CircuitBreaker<[number], number>

const defaults = subject((task) => new CircuitBreaker(task))
const withoutTimeout = subject((task) => new CircuitBreaker(task, { timeout: false }))
const leanest = subject(
  (task) =>
    new CircuitBreaker(task, { timeout: false, rollingPercentilesEnabled: false, enableSnapshots: false }),
)
const patientDefaults = subject((task) => new CircuitBreaker(task, { errorThresholdPercentage: 100 }))
const patientWithoutTimeout = subject(
  (task) => new CircuitBreaker(task, { timeout: false, errorThresholdPercentage: 100 }),
)
const patientLeanest = subject(
  (task) =>
    new CircuitBreaker(task, {
      timeout: false,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorThresholdPercentage: 100,
    }),
)
const withFallback = subject((task) => {
  const breaker = new CircuitBreaker(task)
  breaker.fallback(() => 0)
  return breaker
})

export const opossum: Library = {
  name: 'opossum',
  imports: ['{ default }'],
  subjects: {
    closed: { default: defaults, 'timeout: false': withoutTimeout, leanest },
    timeout: { 'default (timeout 10 s)': defaults },
    failing: {
      default: patientDefaults,
      'timeout: false': patientWithoutTimeout,
      leanest: patientLeanest,
    },
    window: { default: patientDefaults, 'timeout: false': patientWithoutTimeout, leanest: patientLeanest },
    refused: {
      error: defaults,
      fallback: withFallback,
      permit: 'no permit: `opened` can be read, but nothing can be reported',
    },
    breakers: { default: defaults, leanest },
    signal: { default: 'takes one AbortController per breaker, and no signal per call' },
  },
}

function subject(make: (task: (x: number) => Promise<number>) => Opossum): Subject<Opossum> {
  return {
    make,
    guard: (breaker) => (x) => breaker.fire(x),
    isClosed: (breaker) => breaker.closed,
    dispose: (breaker) => breaker.shutdown(),
  }
}
