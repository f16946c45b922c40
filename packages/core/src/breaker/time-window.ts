import { COARSE_TICK_MS, type Clock } from '../clock/clock.ts'
import { RateTally, type RateLimits } from './rate-tally.ts'

const SLICES = 10

/** The calls of the last so many milliseconds, in ten slices with running sums, which move on when somebody looks. */
export class TimeWindow extends RateTally {
  readonly #sliceMs: number
  readonly #clock: Clock
  readonly #callsIn = new Array<number>(SLICES).fill(0)
  /** Made at the first failure. */
  #failuresIn: number[] | undefined
  #head = 0
  #headEndsAt = -Infinity

  constructor(limits: RateLimits, windowMs: number, clock: Clock) {
    super(limits)
    this.#sliceMs = windowMs / SLICES
    this.#clock = clock
  }

  protected override add(failed: boolean): void {
    const now = this.#now
    if (now >= this.#headEndsAt) this.#moveOn(now)
    this.calls += 1
    increment(this.#callsIn, this.#head)
    if (!failed) return
    this.failures += 1
    increment((this.#failuresIn ??= new Array<number>(SLICES).fill(0)), this.#head)
  }

  /** The coarse clock is exact enough for all but short windows, and costs next to nothing. */
  get #now(): number {
    return this.#sliceMs >= COARSE_TICK_MS ? this.#clock.coarseNow() : this.#clock.now()
  }

  /** Slices that are too old are emptied; after a long pause that is all of them. */
  #moveOn(now: number): void {
    const passed = Math.floor((now - this.#headEndsAt) / this.#sliceMs) + 1
    this.#headEndsAt = passed < SLICES ? this.#headEndsAt + passed * this.#sliceMs : now + this.#sliceMs
    for (let step = Math.min(passed, SLICES); step > 0; step -= 1) {
      this.#head = (this.#head + 1) % SLICES
      this.calls -= empty(this.#callsIn, this.#head)
      if (this.#failuresIn !== undefined) this.failures -= empty(this.#failuresIn, this.#head)
    }
  }
}

function increment(slices: number[], at: number): void {
  slices[at] = (slices[at] ?? 0) + 1
}

function empty(slices: number[], at: number): number {
  const was = slices[at] ?? 0
  slices[at] = 0
  return was
}
