import { count } from '../options/validate.ts'
import type { Tally, TripRule } from './trip-rule.ts'

class ConsecutiveTally implements Tally {
  readonly #failures: number
  #run = 0

  constructor(failures: number) {
    this.#failures = failures
  }

  succeeded(): boolean {
    this.#run = 0
    return false
  }

  failed(): boolean {
    this.#run += 1
    return this.#run >= this.#failures
  }
}

class ConsecutiveFailures implements TripRule {
  readonly #failures: number

  constructor(failures: number) {
    this.#failures = failures
  }

  get description(): string {
    return `consecutiveFailures(${this.#failures})`
  }

  start(): Tally {
    return new ConsecutiveTally(this.#failures)
  }
}

/**
 * Opens after so many failures in a row, in the order in which calls end; one success starts the count again.
 *
 * @throws InvalidOptionError
 */
export function consecutiveFailures(failures: number): TripRule {
  return new ConsecutiveFailures(count('consecutiveFailures', failures))
}
