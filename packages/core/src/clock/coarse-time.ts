import type { Timer } from './clock.ts'

/**
 * A clock that is read instead of asked: looking at a number costs a hundredth of what asking the system for the time
 * does. It runs while somebody reads it, and stops by itself.
 */
export class CoarseTime {
  readonly #now: () => number
  readonly #every: (task: () => void) => Timer
  #time = 0
  #isRead = false
  #timer: Timer | undefined

  constructor(now: () => number, every: (task: () => void) => Timer) {
    this.#now = now
    this.#every = every
  }

  read(): number {
    this.#isRead = true
    if (this.#timer === undefined) this.#start()
    return this.#time
  }

  #start(): void {
    this.#time = this.#now()
    this.#timer = this.#every(() => this.#tick())
  }

  #tick(): void {
    this.#time = this.#now()
    if (!this.#isRead) this.#stop()
    this.#isRead = false
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
