import { Circuit, type CircuitEvent } from '../circuit/circuit.ts'
import type { Clock } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from '../events/events.ts'
import { decide } from '../machine/circuit-transition.ts'
import type { Step } from '../machine/effect.ts'
import type { Rules } from '../machine/rules.ts'
import type { Signal } from '../machine/signal.ts'
import { initialState, type MachineState } from '../machine/state.ts'

/** The circuit of one key. Who listens, listens to the circuits of all keys. */
export class KeyedCircuit extends Circuit {
  readonly #hub: EventHub

  constructor(name: string, clock: Clock, rules: Rules, isEnabled: boolean, hub: EventHub) {
    super(name, clock, rules, initialState(rules.openMs, clock.now()), isEnabled)
    this.#hub = hub
  }

  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    return this.#hub.on(type, listener)
  }

  /** Has a timer while somebody listens: then what time alone does is told as well. */
  watchTime(): void {
    this.rearm()
  }

  override publish(event: CircuitEvent): void {
    this.#hub.publish({ ...event, service: this.name })
  }

  override hears(type: CircuitEvent['type']): boolean {
    return this.#hub.hears(type)
  }

  close(): void {
    this.deactivate()
  }

  protected override get hasTimer(): boolean {
    return this.#hub.hasListeners
  }

  protected override decide(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
    return decide(state, signal, rules, now, undefined)
  }
}
