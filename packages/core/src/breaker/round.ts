import type { Circuit } from '../circuit/circuit.ts'
import { Account } from './account.ts'
import type { Gate } from './gate.ts'
import type { Manner } from './manner.ts'
import { isThenable } from './thenable.ts'
import type { Tally } from './trip-rule.ts'

/** What stands for the error where a success was the call that tripped. */
const RATE_REACHED = Object.freeze({ name: 'FailureRate', message: 'too many of the last calls failed' })

/**
 * The calls of one closed period: their tally, and the one pair of reactions that settles them all. Each period has its
 * own, so that a late answer finds the tally of its own time, and moves nothing.
 */
export class Round extends Account {
  readonly generation: number
  readonly onValue: <T>(value: T) => T
  readonly onError: (error: unknown) => never
  readonly #tally: Tally
  /** Pings may wait while calls succeed. */
  readonly #pinged: Circuit | undefined

  constructor(gate: Gate, generation: number, tally: Tally) {
    super(gate)
    this.generation = generation
    this.#tally = tally
    this.#pinged = gate.circuit.rules.hasPing ? gate.circuit : undefined
    const { isFailureResult } = gate.config
    this.onValue = (value) => {
      if (isFailureResult === undefined) this.succeeded()
      else this.settle(value, undefined)
      return value
    }
    this.onError = (error) => {
      this.reject(error)
      throw error
    }
  }

  /** What a call returned, or a promise of it: its outcome is booked, and nothing else is changed. */
  follow(result: unknown, manner: Manner): unknown {
    if (result instanceof Promise) {
      // Most often it is so already, and looking costs less than writing.
      if (!manner.isAsync) manner.isAsync = true
      return result.then(this.onValue, this.onError)
    }
    manner.isAsync = isThenable(result)
    return manner.isAsync ? Promise.resolve(result).then(this.onValue, this.onError) : this.onValue(result)
  }

  override ignore(): void {
    this.gate.counts.ignored += 1
  }

  protected override succeeded(): void {
    this.#pinged?.noteTraffic()
    try {
      if (this.#tally.succeeded()) this.gate.trip(this.generation, RATE_REACHED, undefined)
    } catch (trouble) {
      this.gate.report('tripRule', trouble)
    }
  }

  protected override failed(error: unknown, subject: unknown): void {
    if (!this.gate.noteFailure(this.generation)) return
    try {
      if (this.#tally.failed()) this.gate.trip(this.generation, error, subject)
    } catch (trouble) {
      this.gate.report('tripRule', trouble)
    }
  }
}
