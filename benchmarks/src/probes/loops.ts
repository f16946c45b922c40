/* How calls are made. Each process uses one of these with one guard, so that nothing here is shared by two shapes. */
import type { Task } from '../subjects/subject.ts'

/** Makes that many calls. */
export type Loop = (calls: number) => Promise<void>

export const IN_FLIGHT = 1_000

export function sequential(call: Task): Loop {
  return async (calls) => {
    for (let i = 0; i < calls; i++) await call(i)
  }
}

export function inFlight(call: Task): Loop {
  const pending: Promise<number>[] = Array.from({ length: IN_FLIGHT }, () => Promise.resolve(0))
  return async (calls) => {
    for (let done = 0; done < calls; done += IN_FLIGHT) {
      for (let i = 0; i < IN_FLIGHT; i++) pending[i] = call(i)
      for (let i = 0; i < IN_FLIGHT; i++) await pending[i]
    }
  }
}

export function caught(call: Task): Loop {
  return async (calls) => {
    for (let i = 0; i < calls; i++) {
      try {
        await call(i)
      } catch {
        // Refusals and failures are what is measured.
      }
    }
  }
}

export function synchronous(attempt: () => unknown): Loop {
  return async (calls) => {
    let refused = 0
    for (let i = 0; i < calls; i++) if (attempt() === undefined) refused++
    if (refused !== calls) throw new Error(`${calls - refused} of ${calls} attempts were let in`)
  }
}
