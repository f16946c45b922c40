import { COARSE_TICK_MS, type Clock } from '../clock/clock.ts'
import { RateTally, type RateLimits } from './rate-tally.ts'

const SLICES = 10

/**
 * The calls of the last so many milliseconds, in ten slices. A call only adds to the sums; slices are filled, and those
 * that are too old taken off, when the first call of a new slice comes.
 */
export class TimeWindow extends RateTally {
  readonly #sliceMs: number
  readonly #clock: Clock
  /** The coarse clock is exact enough for all but short windows, and costs next to nothing. */
  readonly #isCoarse: boolean
  /** Calls and failures of each slice in turn. */
  #slices: number[] | undefined
  #head = 0
  #headEndsAt = -Infinity
  /** The sums when the head began. */
  #callsBefore = 0
  #failuresBefore = 0

  constructor(limits: RateLimits, windowMs: number, clock: Clock) {
    super(limits)
    this.#sliceMs = windowMs / SLICES
    this.#clock = clock
    this.#isCoarse = this.#sliceMs >= COARSE_TICK_MS
  }

  protected override add(failed: boolean): void {
    const now = this.#isCoarse ? this.#clock.coarseNow() : this.#clock.now()
    if (now >= this.#headEndsAt) this.#moveOn(now)
    this.calls += 1
    if (failed) this.failures += 1
  }

  #moveOn(now: number): void {
    const passed = Math.floor((now - this.#headEndsAt) / this.#sliceMs) + 1
    this.#headEndsAt = passed < SLICES ? this.#headEndsAt + passed * this.#sliceMs : now + this.#sliceMs
    if (this.calls > 0) this.#shift(Math.min(passed, SLICES))
    this.#callsBefore = this.calls
    this.#failuresBefore = this.failures
  }

  /** After a long pause all slices are too old. */
  #shift(steps: number): void {
    const slices = (this.#slices ??= new Array<number>(2 * SLICES).fill(0))
    slices[2 * this.#head] = this.calls - this.#callsBefore
    slices[2 * this.#head + 1] = this.failures - this.#failuresBefore
    for (let step = 0; step < steps; step += 1) {
      this.#head = (this.#head + 1) % SLICES
      this.calls -= slices[2 * this.#head] ?? 0
      this.failures -= slices[2 * this.#head + 1] ?? 0
      slices.fill(0, 2 * this.#head, 2 * this.#head + 2)
    }
  }
}
