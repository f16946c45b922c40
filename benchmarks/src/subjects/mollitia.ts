/* As its guide shows each breaker, with a window of 100 calls or 10 s, like everybody's here. */
import {
  BreakerState,
  Circuit,
  type Module,
  SlidingCountBreaker,
  SlidingTimeBreaker,
  Timeout,
} from 'mollitia'
import type { Library, Subject, Task } from './subject.ts'

const count = subject((func) => {
  const breaker = new SlidingCountBreaker({
    slidingWindowSize: 100,
    minimumNumberOfCalls: 3,
    failureRateThreshold: 50,
    slowCallDurationThreshold: 1_000,
    slowCallRateThreshold: 80,
    permittedNumberOfCallsInHalfOpenState: 2,
    openStateDelay: 10_000,
  })
  return new Circuit({ func, options: { modules: [breaker] } })
})
const time = subject((func) => {
  const breaker = new SlidingTimeBreaker({
    slidingWindowSize: 10_000,
    minimumNumberOfCalls: 2,
    failureRateThreshold: 60,
    slowCallDurationThreshold: 500,
    slowCallRateThreshold: 40,
    permittedNumberOfCallsInHalfOpenState: 2,
    openStateDelay: 10_000,
  })
  return new Circuit({ func, options: { modules: [breaker] } })
})
const countWithTimeout = subject((func) => {
  const breaker = new SlidingCountBreaker({ slidingWindowSize: 100, failureRateThreshold: 50 })
  return new Circuit({ func, options: { modules: [breaker, new Timeout({ delay: 10_000 })] } })
})
const patientCount = subject((func) => {
  const breaker = new SlidingCountBreaker({ slidingWindowSize: 100, failureRateThreshold: 100 })
  return new Circuit({ func, options: { modules: [breaker] } })
})
const patientTime = subject((func) => {
  const breaker = new SlidingTimeBreaker({ slidingWindowSize: 10_000, failureRateThreshold: 100 })
  return new Circuit({ func, options: { modules: [breaker] } })
})

export const mollitia: Library = {
  name: 'mollitia',
  imports: ['{ Circuit, SlidingCountBreaker }', '*'],
  fewerCalls: 100,
  subjects: {
    closed: { 'count 100': count, 'time 10 s': time },
    timeout: { 'count 100 + timeout': countWithTimeout },
    failing: { 'count 100': patientCount, 'time 10 s': patientTime },
    window: {
      'count 100': patientCount,
      'time 10 s': 'keeps the last 1,000 results at most, and copies them at each call',
    },
    refused: {
      error: count,
      fallback: 'its Fallback maps errors to errors: a call still rejects',
      permit: 'no permit',
    },
    breakers: { 'count 100': count, 'time 10 s': time },
    signal: { 'count 100': 'takes no signal' },
  },
}

function subject(make: (task: Task) => Circuit): Subject<Circuit> {
  return {
    make,
    guard: (circuit) => (x) => circuit.execute<number>(x),
    isClosed: (circuit) => circuit.modules.every((module) => !isOpen(module)),
    dispose: (circuit) => circuit.dispose(),
  }
}

function isOpen(module: Module): boolean {
  return 'state' in module && module.state !== BreakerState.CLOSED
}
