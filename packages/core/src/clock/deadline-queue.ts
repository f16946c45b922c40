import type { Clock, Timer } from './clock.ts'

interface Entry<T> {
  readonly at: number
  readonly item: T
}

/**
 * Tells when each of many things has lasted too long, with one timer for all of them: every item has the same time, so
 * the oldest is always the next to be due.
 */
export class DeadlineQueue<T> {
  readonly #clock: Clock
  readonly #delayMs: number
  readonly #onDue: (item: T) => void
  readonly #entries = new Set<Entry<T>>()
  #timer: Timer | undefined

  constructor(clock: Clock, delayMs: number, onDue: (item: T) => void) {
    this.#clock = clock
    this.#delayMs = delayMs
    this.#onDue = onDue
  }

  /** @returns a function that takes the item out again; calling it late does nothing */
  add(item: T): () => void {
    const entry = { at: this.#clock.now() + this.#delayMs, item }
    this.#entries.add(entry)
    this.#timer ??= this.#clock.startTimer(() => this.#fire(), this.#delayMs)
    return () => void this.#entries.delete(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #fire(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (const entry of this.#entries) {
      if (entry.at > now) return this.#sleep(entry.at - now)
      this.#entries.delete(entry)
      this.#onDue(entry.item)
    }
  }

  #sleep(delayMs: number): void {
    this.#timer ??= this.#clock.startTimer(() => this.#fire(), delayMs)
  }
}
