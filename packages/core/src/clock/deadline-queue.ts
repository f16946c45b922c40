import type { Clock } from './clock.ts'
import { DeadlineList, Timed } from './deadline-list.ts'

class Item<T> extends Timed {
  readonly #item: T
  readonly #onDue: (item: T) => void

  constructor(item: T, onDue: (item: T) => void) {
    super()
    this.#item = item
    this.#onDue = onDue
  }

  override expire(): void {
    this.#onDue(this.#item)
  }
}

/** A list of deadlines for things that all have the same time. Keeps no process alive. */
export class DeadlineQueue<T> {
  readonly #list: DeadlineList
  readonly #delayMs: number
  readonly #onDue: (item: T) => void

  constructor(clock: Clock, delayMs: number, onDue: (item: T) => void) {
    this.#list = new DeadlineList(clock, false)
    this.#delayMs = delayMs
    this.#onDue = onDue
  }

  /** @returns a function that takes the item out again; calling it late does nothing */
  add(item: T): () => void {
    const timed = new Item(item, this.#onDue)
    this.#list.add(timed, this.#delayMs)
    return () => this.#list.remove(timed)
  }

  clear(): void {
    this.#list.clear()
  }
}
