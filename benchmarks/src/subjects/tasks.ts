/* What is guarded. Small on purpose: what is measured is the guard. */
import type { Task } from './subject.ts'

/** One error, made once: making errors costs more than everything else here, and is the application's. */
const FAILURE = new Error('the dependency failed')
const SUCCESS_EVERY = 50

export const addOne: Task = async (x) => x + 1

/** Of 50 calls one succeeds, so that no window is ever full of failures and no breaker trips. */
export const mostlyFails: Task = async (x) => {
  if (x % SUCCESS_EVERY !== 0) throw FAILURE
  return x + 1
}

export const failsWhenNegative: Task = async (x) => {
  if (x < 0) throw FAILURE
  return x + 1
}
