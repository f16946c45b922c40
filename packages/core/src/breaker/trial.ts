import { Account } from './account.ts'
import type { SignalOf } from '../machine/signal.ts'
import type { Gate } from './gate.ts'
import { askedOpenMs } from './judge.ts'

/** One call that is let through in half-open: the machine waits for its outcome. */
export class Trial extends Account {
  readonly #generation: number
  readonly id: number

  constructor(gate: Gate, generation: number, id: number) {
    super(gate)
    this.#generation = generation
    this.id = id
  }

  override ignore(): void {
    this.#end({ type: 'trial-ignored' })
    this.gate.counts.ignored += 1
  }

  protected override succeeded(): void {
    this.#end({ type: 'trial-succeeded' })
  }

  protected override failed(error: unknown, subject: unknown): void {
    this.gate.noteFailure(this.#generation)
    const openMs = askedOpenMs(this.gate, subject)
    this.#end({ type: 'trial-failed', error: this.gate.config.describe(error), openMs })
  }

  #end(outcome: TrialOutcome): void {
    this.gate.circuit.dispatch({ ...outcome, generation: this.#generation, trial: this.id })
  }
}

type TrialSignal = SignalOf<'trial-succeeded' | 'trial-ignored'> | SignalOf<'trial-failed'>
type TrialOutcome = TrialSignal extends infer S
  ? S extends unknown
    ? Omit<S, 'generation' | 'trial'>
    : never
  : never
