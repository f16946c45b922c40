import { RateTally, type RateLimits } from './rate-tally.ts'

/** So many calls share one number; more bits would make it a floating-point number. */
const BITS = 30

/** The last so many calls: a ring of bits with a running sum. Made at the first failure; until then a number will do. */
export class CallWindow extends RateTally {
  readonly #size: number
  #ring: number[] | undefined
  #next = 0

  constructor(limits: RateLimits, size: number) {
    super(limits)
    this.#size = size
  }

  protected override add(failed: boolean): void {
    if (this.#ring !== undefined) this.#put(this.#ring, failed)
    else if (failed) this.#put(this.#startRing(), failed)
    else if (this.calls < this.#size) this.calls += 1
  }

  #put(ring: number[], failed: boolean): void {
    const word = Math.floor(this.#next / BITS)
    const bit = 1 << (this.#next % BITS)
    const old = ring[word] ?? 0
    if ((old & bit) !== 0) this.failures -= 1
    if (failed) this.failures += 1
    ring[word] = failed ? old | bit : old & ~bit
    if (this.calls < this.#size) this.calls += 1
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1
  }

  /** All calls so far succeeded: a ring of zeros, as far as it is filled. */
  #startRing(): number[] {
    this.#next = this.calls % this.#size
    return (this.#ring = new Array<number>(Math.ceil(this.#size / BITS)).fill(0))
  }
}
