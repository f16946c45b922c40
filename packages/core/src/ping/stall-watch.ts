import type { Clock, Timer } from '../clock/clock.ts'

/** A beat that is later than this shows that our own event loop was blocked (or the process was stopped). */
const LONGEST_LATENESS_MS = 100
const BEATS_PER_TIMEOUT = 8

/**
 * Watches our own event loop while a ping runs: a ping that "timed out" while we did not run says nothing about the
 * service. The idea is Lifeguard's (suspect yourself first), in Node's form: late timers show a blocked loop.
 */
export class StallWatch {
  readonly #clock: Clock
  readonly #beatMs: number
  readonly #tolerableMs: number
  #timer: Timer | undefined
  #expectedAt = 0
  #stalledMs = 0

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#beatMs = Math.max(1, timeoutMs / BEATS_PER_TIMEOUT)
    this.#tolerableMs = Math.min(timeoutMs / 2, LONGEST_LATENESS_MS)
    this.#beat()
  }

  /** Stops watching. @returns for how many milliseconds the loop was blocked, small delays not counted */
  stop(): number {
    this.#timer?.cancel()
    this.#count()
    return this.#stalledMs
  }

  #beat(): void {
    this.#expectedAt = this.#clock.now() + this.#beatMs
    this.#timer = this.#clock.startTimer(() => {
      this.#count()
      this.#beat()
    }, this.#beatMs)
  }

  #count(): void {
    const latenessMs = this.#clock.now() - this.#expectedAt
    if (latenessMs > this.#tolerableMs) this.#stalledMs += latenessMs
  }
}
