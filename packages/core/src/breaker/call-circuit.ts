import { Circuit, type CircuitEvent } from '../circuit/circuit.ts'
import type { EventHub } from '../events/event-hub.ts'
import { decide } from '../machine/circuit-transition.ts'
import type { Step } from '../machine/effect.ts'
import type { Rules } from '../machine/rules.ts'
import type { Signal } from '../machine/signal.ts'
import type { MachineState } from '../machine/state.ts'

/** A circuit that calls alone move: nothing to ping, nothing to fail over. */
export abstract class CallCircuit extends Circuit {
  protected abstract get events(): EventHub

  override publish(event: CircuitEvent): void {
    this.events.publish({ ...event, service: this.name })
  }

  override hears(type: CircuitEvent['type']): boolean {
    return this.events.hears(type)
  }

  close(): void {
    this.deactivate()
  }

  protected override decide(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
    return decide(state, signal, rules, now, undefined)
  }
}
