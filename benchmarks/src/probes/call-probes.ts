/* What one call costs, closed and open. */
import { addOne, failsWhenNegative, mostlyFails } from '../subjects/tasks.ts'
import type { Subject, Task } from '../subjects/subject.ts'
import type { Figures } from '../cells/cell.ts'
import { bareLoops } from './bare-loops.ts'
import * as loops from './loops.ts'
import { timeBeside } from './time-per-call.ts'

const MOST_FAILURES_TO_TRIP = 100
const STEP = 64

export async function timeSequential(subject: Subject, budgetMs: number): Promise<Figures> {
  return timeClosed(subject, addOne, 'sequential', budgetMs)
}

export async function timeInFlight(subject: Subject, budgetMs: number): Promise<Figures> {
  return timeClosed(subject, addOne, 'inFlight', budgetMs)
}

export async function timeFailing(subject: Subject, budgetMs: number): Promise<Figures> {
  return timeClosed(subject, mostlyFails, 'caught', budgetMs)
}

async function timeClosed(
  subject: Subject,
  task: Task,
  way: 'sequential' | 'inFlight' | 'caught',
  budgetMs: number,
): Promise<Figures> {
  const breaker = subject.make(task)
  const call = subject.guard(breaker, task)
  if ((await call(0)) !== 1) throw new Error('the guarded call does not return what the task returns')
  const step = way === 'inFlight' ? loops.IN_FLIGHT : STEP
  const figures = await timeBeside(bareLoops[way](task), loops[way](call), budgetMs, step)
  if (!subject.isClosed(breaker)) throw new Error('the breaker tripped while it was measured')
  return figures
}

export async function timeRefused(subject: Subject, budgetMs: number): Promise<Figures> {
  const { call, begun } = await tripped(subject)
  const before = begun()
  const figures = await timeBeside(bareLoops.sequential(addOne), loops.caught(call), budgetMs, STEP)
  if (begun() !== before) throw new Error('a call was let in while the breaker was open')
  return figures
}

export async function timePermit(subject: Subject, budgetMs: number): Promise<Figures> {
  const { breaker } = await tripped(subject)
  const attempts = loops.synchronous(attemptOf(subject, breaker))
  return timeBeside(bareLoops.sequential(addOne), attempts, budgetMs, STEP)
}

function attemptOf(subject: Subject, breaker: object): () => unknown {
  if (subject.attempt === undefined) throw new Error('there is no permit to ask for')
  return subject.attempt.bind(subject, breaker)
}

/** Opened as in life: by calls that fail. */
async function tripped(subject: Subject): Promise<{ breaker: object; call: Task; begun: () => number }> {
  let begun = 0
  const task: Task = async (x) => {
    begun++
    return failsWhenNegative(x)
  }
  const breaker = subject.make(task)
  const call = subject.guard(breaker, task)
  for (let i = 0; i < MOST_FAILURES_TO_TRIP && subject.isClosed(breaker); i++) await call(-1).catch(() => 0)
  if (subject.isClosed(breaker)) throw new Error('the breaker does not open')
  return { breaker, call, begun: () => begun }
}
