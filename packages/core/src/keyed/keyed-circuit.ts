import { CallCircuit } from '../breaker/call-circuit.ts'
import type { Clock } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from '../events/events.ts'
import type { Rules } from '../machine/rules.ts'
import { initialState } from '../machine/state.ts'

/** The circuit of one key. Who listens, listens to the circuits of all keys. */
export class KeyedCircuit extends CallCircuit {
  protected override readonly events: EventHub

  constructor(name: string, clock: Clock, rules: Rules, isEnabled: boolean, hub: EventHub) {
    super(name, clock, rules, initialState(rules.openMs, clock.now()), isEnabled)
    this.events = hub
  }

  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    return this.events.on(type, listener)
  }

  /** Has a timer while somebody listens: then what time alone does is told as well. */
  watchTime(): void {
    this.rearm()
  }

  protected override get hasTimer(): boolean {
    return this.events.hasListeners
  }
}
