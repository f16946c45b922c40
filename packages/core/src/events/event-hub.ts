import { channel } from 'node:diagnostics_channel'
import type { Clock } from '../clock/clock.ts'
import { InvalidOptionError } from '../errors.ts'
import {
  failoverEventTypes,
  type FailoverEvent,
  type FailoverEventOf,
  type FailoverEventType,
  type Unstamped,
} from './events.ts'

type Listener = (event: FailoverEvent) => unknown

/**
 * Tells listeners, after the fact. A listener that throws, blocks or rejects changes nothing for the others nor for
 * the machine; its first trouble is reported once.
 */
export class EventHub {
  readonly #listeners = new Map<FailoverEventType, Set<Listener>>()
  readonly #reported = new WeakSet<Listener>()
  readonly #clock: Clock
  readonly #onListenerError: (type: FailoverEventType, error: unknown) => void

  constructor(clock: Clock, onListenerError: (type: FailoverEventType, error: unknown) => void) {
    this.#clock = clock
    this.#onListenerError = onListenerError
  }

  /**
   * @returns a function that stops listening; calling it again does nothing
   * @throws InvalidOptionError
   */
  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    if (!failoverEventTypes.includes(type))
      throw new InvalidOptionError('event', `one of ${failoverEventTypes.join(', ')}`, type)
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener)
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners)
    // One entry per subscription: the same function twice is told twice, and each stops by itself.
    const entry: Listener = (event) => listener(event as FailoverEventOf<T>)
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }

  /** Whether anybody listens to events of this type, here or on its diagnostics channel. */
  hears(type: FailoverEventType): boolean {
    return (this.#listeners.get(type)?.size ?? 0) > 0 || channel(`failover:${type}`).hasSubscribers
  }

  get hasListeners(): boolean {
    return [...this.#listeners.values()].some(({ size }) => size > 0)
  }

  publish(unstamped: Unstamped): void {
    const event = Object.freeze({ ...unstamped, at: this.#clock.wallNow() }) as FailoverEvent
    for (const listener of [...(this.#listeners.get(event.type) ?? [])]) this.#tell(listener, event)
    const diagnostics = channel(`failover:${event.type}`)
    if (diagnostics.hasSubscribers) diagnostics.publish(event)
  }

  clear(): void {
    this.#listeners.clear()
  }

  #tell(listener: Listener, event: FailoverEvent): void {
    try {
      const result = listener(event)
      if (isThenable(result))
        Promise.resolve(result).catch((error: unknown) => this.#report(listener, event.type, error))
    } catch (error) {
      this.#report(listener, event.type, error)
    }
  }

  #report(listener: Listener, type: FailoverEventType, error: unknown): void {
    if (this.#reported.has(listener)) return
    this.#reported.add(listener)
    this.#onListenerError(type, error)
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}
