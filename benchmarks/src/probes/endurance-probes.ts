/* What is left behind after very many calls. */
import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { linearRegression } from 'simple-statistics'
import { addOne } from '../subjects/tasks.ts'
import type { Subject, Task } from '../subjects/subject.ts'
import type { Figures } from '../cells/cell.ts'
import { bytesInUse } from './heap.ts'
import { sequential } from './loops.ts'

const POINTS = 10
const IN_FLIGHT = 100

/** The slope of the heap over ten points; the first tenth fills windows and is not counted. */
export async function heapSlope(subject: Subject, calls: number): Promise<Figures> {
  const run = sequential(subject.guard(subject.make(addOne), addOne))
  const points: [number, number][] = []
  for (let point = 1; point <= POINTS; point++) {
    await run(calls / POINTS)
    points.push([(point * calls) / POINTS, await bytesInUse()])
  }
  return { calls, bytesPerCall: linearRegression(points).m }
}

export async function callsUnderOneSignal(subject: Subject, calls: number): Promise<Figures> {
  let warnings = 0
  process.on('warning', () => warnings++)
  const { signal } = new AbortController()
  const call = underSignal(subject, signal)
  await inBatches(call, IN_FLIGHT)
  const before = await bytesInUse()
  await inBatches(call, calls)
  const bytesPerCall = ((await bytesInUse()) - before) / calls
  return { calls, listeners: getEventListeners(signal, 'abort').length, warnings, bytesPerCall }
}

function underSignal(subject: Subject, signal: AbortSignal): Task {
  if (subject.under === undefined) throw new Error('takes no signal')
  return subject.under(subject.make(addOne), addOne, signal)
}

async function inBatches(call: Task, calls: number): Promise<void> {
  for (let done = 0; done < calls; done += IN_FLIGHT) {
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => call(i)))
    // Warnings are emitted by the next tick, timers' work by the next turn.
    if (done % (IN_FLIGHT * IN_FLIGHT) === 0) await turn()
  }
}
