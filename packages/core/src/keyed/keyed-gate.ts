import { CallerSignals } from '../breaker/caller-signals.ts'
import { Gate } from '../breaker/gate.ts'
import type { GateConfig } from '../breaker/gate-config.ts'
import type { Circuit } from '../circuit/circuit.ts'
import type { Clock } from '../clock/clock.ts'
import { DeadlineList } from '../clock/deadline-list.ts'

/** By what calls end early. One for many keys, or each of them would keep a timer, and listen to every signal itself. */
export class CallEnds {
  readonly #clock: Clock
  #deadlines: DeadlineList | undefined
  #callerSignals: CallerSignals | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get deadlines(): DeadlineList {
    return (this.#deadlines ??= new DeadlineList(this.#clock, true))
  }

  /** Nothing is to be ended any more: no timer need sleep on for it. */
  rest(): void {
    this.#deadlines?.rest()
  }

  get callerSignals(): CallerSignals {
    return (this.#callerSignals ??= new CallerSignals())
  }
}

/** The gate of one key. */
export class KeyedGate extends Gate {
  readonly #ends: CallEnds

  constructor(circuit: Circuit, config: GateConfig, ends: CallEnds) {
    super(circuit, config)
    this.#ends = ends
  }

  override get deadlines(): DeadlineList {
    return this.#ends.deadlines
  }

  override get callerSignals(): CallerSignals {
    return this.#ends.callerSignals
  }

  override close(): void {
    super.close()
    this.#ends.rest()
  }
}
