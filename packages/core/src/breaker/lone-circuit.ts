import { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from '../events/events.ts'
import { briefError } from './brief-error.ts'
import { CallCircuit } from './call-circuit.ts'

/**
 * The circuit of a breaker that belongs to no monitor. It has a timer only while somebody listens; callers need none,
 * because time is looked at when they come.
 */
export class LoneCircuit extends CallCircuit {
  #hub: EventHub | undefined

  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    const stop = this.events.on(type, listener)
    this.rearm()
    return () => {
      stop()
      this.rearm()
    }
  }

  override close(): void {
    super.close()
    this.#hub?.clear()
  }

  protected override get hasTimer(): boolean {
    return this.#hub?.hasListeners === true
  }

  protected override get events(): EventHub {
    return (this.#hub ??= new EventHub(this.clock, warnOfListener))
  }
}

function warnOfListener(type: string, error: unknown): void {
  const { name, message } = briefError(error)
  process.emitWarning(`a listener of ${type} failed: ${name}: ${message}`, 'FailoverWarning')
}
