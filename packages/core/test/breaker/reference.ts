import type { CircuitName } from '../../src/index.ts'

export interface ReferenceOptions {
  readonly failures: number
  readonly openMs: number
  readonly longestOpenMs: number
  readonly trials: number
  readonly successesToClose: number
  readonly trialTimeoutMs: number
}

export type Ending = 'succeeded' | 'failed' | 'ignored'

/**
 * A breaker by itself, that opens after so many failures in a row, written down from the specification in the plainest
 * way: it shares no line with the library.
 */
export class ReferenceBreaker {
  readonly #options: ReferenceOptions
  #now = 0
  #circuit: CircuitName = 'closed'
  #since = 0
  #era = 0
  #failuresInARow = 0
  #successes = 0
  #openings = 0
  #openMs: number
  /** Calls admitted while closed, with the era in which they were. */
  readonly #calls = new Map<number, number>()
  /** Running trials of this round, with their deadlines. */
  readonly #trials = new Map<number, number>()

  constructor(options: ReferenceOptions) {
    this.#options = options
    this.#openMs = options.openMs
  }

  get state(): CircuitName {
    return this.#isTrialDue ? 'half-open' : this.#circuit
  }

  /** @returns whether the call is made */
  begin(call: number): boolean {
    if (this.#circuit === 'closed') {
      this.#calls.set(call, this.#era)
      return true
    }
    if (this.#isTrialDue) this.#become('half-open')
    if (this.#circuit !== 'half-open' || this.#trials.size >= this.#options.trials) return false
    this.#trials.set(call, this.#now + this.#options.trialTimeoutMs)
    return true
  }

  end(call: number, ending: Ending): void {
    if (this.#trials.delete(call)) this.#endTrial(ending)
    else if (this.#circuit === 'closed' && this.#calls.get(call) === this.#era) this.#count(ending)
  }

  wait(ms: number): void {
    const until = this.#now + ms
    for (let at = this.#nextDeadline; at <= until; at = this.#nextDeadline) {
      this.#now = at
      if (this.#circuit === 'half-open') this.#open()
      else this.#openings = 0
    }
    this.#now = until
  }

  get #isTrialDue(): boolean {
    return this.#circuit === 'open' && this.#now - this.#since >= this.#openMs
  }

  get #nextDeadline(): number {
    if (this.#circuit === 'half-open') return Math.min(...this.#trials.values())
    return this.#circuit === 'closed' && this.#openings > 0 ? this.#since + this.#openMs : Infinity
  }

  #count(ending: Ending): void {
    if (ending === 'succeeded') this.#failuresInARow = 0
    if (ending === 'failed') this.#failuresInARow += 1
    if (this.#failuresInARow >= this.#options.failures) this.#open()
  }

  #endTrial(ending: Ending): void {
    if (ending === 'failed') this.#open()
    if (ending === 'succeeded') this.#successes += 1
    if (this.#successes >= this.#options.successesToClose) this.#become('closed')
  }

  #open(): void {
    const { openMs, longestOpenMs } = this.#options
    this.#openMs = this.#openings > 0 ? Math.min(this.#openMs * 2, longestOpenMs) : openMs
    this.#openings += 1
    this.#become('open')
  }

  #become(circuit: CircuitName): void {
    this.#circuit = circuit
    this.#since = this.#now
    this.#era += 1
    this.#failuresInARow = 0
    this.#successes = 0
    this.#trials.clear()
  }
}
