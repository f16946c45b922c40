import { Circuit, type CircuitEvent } from '../circuit/circuit.ts'
import { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from '../events/events.ts'
import { decide } from '../machine/circuit-transition.ts'
import type { Step } from '../machine/effect.ts'
import type { Rules } from '../machine/rules.ts'
import type { Signal } from '../machine/signal.ts'
import type { MachineState } from '../machine/state.ts'
import { briefError } from './brief-error.ts'

/**
 * The circuit of a breaker that belongs to no monitor: nothing to ping and nothing to fail over. It has a timer only
 * while somebody listens; callers need none, because time is looked at when they come.
 */
export class LoneCircuit extends Circuit {
  #hub: EventHub | undefined

  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    const stop = this.#events.on(type, listener)
    this.rearm()
    return () => {
      stop()
      this.rearm()
    }
  }

  override publish(event: CircuitEvent): void {
    this.#events.publish({ ...event, service: this.name })
  }

  override hears(type: CircuitEvent['type']): boolean {
    return this.#events.hears(type)
  }

  close(): void {
    this.deactivate()
    this.#hub?.clear()
  }

  protected override get hasTimer(): boolean {
    return this.#hub?.hasListeners === true
  }

  protected override decide(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
    return decide(state, signal, rules, now, undefined)
  }

  get #events(): EventHub {
    return (this.#hub ??= new EventHub(this.clock, warnOfListener))
  }
}

function warnOfListener(type: string, error: unknown): void {
  const { name, message } = briefError(error)
  process.emitWarning(`a listener of ${type} failed: ${name}: ${message}`, 'FailoverWarning')
}
