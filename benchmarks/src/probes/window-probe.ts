/* Does a failing call cost more when more calls are in the window? */
import { median } from 'simple-statistics'
import { failsWhenNegative } from '../subjects/tasks.ts'
import type { Subject, Task } from '../subjects/subject.ts'
import type { Figures } from '../cells/cell.ts'

/** Fewer than a window of 100 calls holds: the one success before them stays in it, and nothing trips. */
const FAILURES = 51
/** Fifty failures are over in a moment, which may be a bad one. */
const REFILLS = 5
const WARM_UP_MS = 200
const WARM_UP_SUCCESSES = 50
const US_PER_MS = 1_000

export async function timeFailureAfter(subject: Subject, callsInWindow: number): Promise<Figures> {
  // In breakers of their own: the code is warm, however few calls fill the window, and the window is not.
  const end = performance.now() + WARM_UP_MS
  while (performance.now() < end) await failuresAfter(subject, WARM_UP_SUCCESSES)
  const medians: number[] = []
  for (let i = 0; i < REFILLS; i++)
    medians.push(median(await failuresAfter(subject, Math.max(1, callsInWindow))))
  return { us: median(medians) }
}

async function failuresAfter(subject: Subject, successes: number): Promise<number[]> {
  const breaker = subject.make(failsWhenNegative)
  const call = subject.guard(breaker, failsWhenNegative)
  for (let i = 0; i < successes; i++) await call(i)
  const microseconds: number[] = []
  for (let i = 0; i < FAILURES; i++) microseconds.push(await timeOfFailure(call))
  if (!subject.isClosed(breaker)) throw new Error('the breaker tripped while it was measured')
  subject.dispose?.(breaker)
  return microseconds
}

async function timeOfFailure(call: Task): Promise<number> {
  const start = performance.now()
  try {
    await call(-1)
  } catch {
    return (performance.now() - start) * US_PER_MS
  }
  throw new Error('the call was to fail')
}
