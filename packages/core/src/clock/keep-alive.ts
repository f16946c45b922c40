import type { Clock, Timer } from './clock.ts'

/** As long as a timer can be. */
const FOR_EVER_MS = 2 ** 31 - 1

/** Keeps the process alive while anybody needs it, with one timer for all. */
export class KeepAlive {
  readonly #clock: Clock
  #holders = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async during(work: Promise<unknown>): Promise<void> {
    this.#holders += 1
    this.#timer ??= this.#clock.startTimer(() => {}, FOR_EVER_MS, { keepAlive: true })
    await work
    this.#holders -= 1
    if (this.#holders > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
