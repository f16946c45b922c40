/* As its readme shows each breaker; the time window is 10 s instead of 30 s, like everybody's here. */
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  fallback,
  handleAll,
  type IDefaultPolicyContext,
  type IPolicy,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import type { Library, Subject } from './subject.ts'

/** A policy, and the breaker inside that knows the state. */
interface Guarding {
  readonly policy: Pick<IPolicy<IDefaultPolicyContext, number>, 'execute'>
  readonly breaker: CircuitBreakerPolicy
}

const consecutive = breakerAlone(() =>
  circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
)
const count = breakerAlone(() =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new CountBreaker({ threshold: 0.2, size: 100 }),
  }),
)
const sampling = breakerAlone(() =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new SamplingBreaker({ threshold: 0.2, duration: 10_000 }),
  }),
)
const patientConsecutive = breakerAlone(() =>
  circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(100) }),
)
const patientCount = breakerAlone(() =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new CountBreaker({ threshold: 0.99, size: 100 }),
  }),
)
const patientSampling = breakerAlone(() =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new SamplingBreaker({ threshold: 0.999, duration: 10_000 }),
  }),
)

const aggressive = combined(() => {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) })
  return { breaker, policy: wrap(breaker, timeout(10_000, TimeoutStrategy.Aggressive)) }
})
const cooperative = combined(() => {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) })
  const strategy = { strategy: TimeoutStrategy.Cooperative, abortOnReturn: false }
  return { breaker, policy: wrap(breaker, timeout(10_000, strategy)) }
})
const withFallback = combined(() => {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) })
  return { breaker, policy: wrap(fallback(handleAll, 0), breaker) }
})

export const cockatiel: Library = {
  name: 'cockatiel',
  imports: ['{ circuitBreaker, ConsecutiveBreaker, handleAll }', '*'],
  subjects: {
    closed: { consecutive, 'count 100': count, 'sampling 10 s': sampling },
    timeout: {
      'consecutive + timeout, aggressive': aggressive,
      'consecutive + timeout, cooperative': cooperative,
    },
    failing: { consecutive: patientConsecutive, 'count 100': patientCount, 'sampling 10 s': patientSampling },
    window: { 'sampling 10 s': patientSampling },
    refused: {
      error: consecutive,
      fallback: withFallback,
      permit: 'no permit, and `state` stays "open" until the next call',
    },
    breakers: { consecutive, 'count 100': count, 'sampling 10 s': sampling },
    signal: { consecutive, 'consecutive + timeout, cooperative': cooperative },
  },
}

function breakerAlone(make: () => CircuitBreakerPolicy): Subject<CircuitBreakerPolicy> {
  return {
    make,
    guard: (breaker, task) => (x) => breaker.execute(() => task(x)),
    isClosed: (breaker) => breaker.state === CircuitState.Closed,
    under: (breaker, task, signal) => (x) => breaker.execute(() => task(x), signal),
  }
}

function combined(make: () => Guarding): Subject<Guarding> {
  return {
    make,
    guard:
      ({ policy }, task) =>
      (x) =>
        policy.execute(() => task(x)),
    isClosed: ({ breaker }) => breaker.state === CircuitState.Closed,
    under:
      ({ policy }, task, signal) =>
      (x) =>
        policy.execute(() => task(x), signal),
  }
}
