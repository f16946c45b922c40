import type { Tally } from './trip-rule.ts'

export interface RateLimits {
  readonly threshold: number
  readonly minimumCalls: number
}

/** Compares the share of failures in a window with a threshold. */
export abstract class RateTally implements Tally {
  readonly #limits: RateLimits
  /** In the window. */
  protected calls = 0
  protected failures = 0

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** A success trips as well: it may be the one that makes the minimum full, or an older one may just have left. */
  succeeded(): boolean {
    this.add(false)
    return this.failures > 0 && this.#isReached()
  }

  failed(): boolean {
    this.add(true)
    return this.#isReached()
  }

  protected abstract add(failed: boolean): void

  /** Divided, not multiplied: 7 of 100 is exactly 0.07, but 0.07 * 100 is more than 7. */
  #isReached(): boolean {
    const { threshold, minimumCalls } = this.#limits
    return this.calls >= minimumCalls && this.failures / this.calls >= threshold
  }
}
