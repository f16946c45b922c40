import type { Clock, Timer } from '../clock/clock.ts'

interface Pending {
  readonly at: number
  readonly order: number
  readonly task: () => void
}

/** So many turns of the microtask queue let promises that a timer settled run before time goes on. */
const SETTLING_TURNS = 32

/** A clock that stands still until it is told to move. Give it to whatever takes a `clock`. */
export class FakeClock implements Clock {
  #now: number
  #wallOffset: number
  #started = 0
  readonly #pending = new Set<Pending>()

  /** @param startAt monotonic milliseconds to start from. Default: 1 000 */
  constructor(startAt = 1_000) {
    this.#now = startAt
    this.#wallOffset = Date.UTC(2026, 0, 1) - startAt
  }

  /** Timers that are waiting. */
  get timers(): number {
    return this.#pending.size
  }

  now(): number {
    return this.#now
  }

  coarseNow(): number {
    return this.#now
  }

  wallNow(): number {
    return this.#now + this.#wallOffset
  }

  /** Sets the wall clock forward or back; monotonic time goes on as before. */
  moveWall(byMs: number): void {
    this.#wallOffset += byMs
  }

  /** Always the middle: a test that needs another value sets `jitter`. */
  random(): number {
    return 0.5
  }

  startTimer(task: () => void, delayMs: number): Timer {
    this.#started += 1
    const pending: Pending = { at: this.#now + Math.max(0, delayMs), order: this.#started, task }
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending), keepAlive: () => undefined }
  }

  async turns(): Promise<void> {
    await settle()
  }

  /** Moves time, firing timers in order; promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs
    await settle()
    for (let next = this.#nextBefore(until); next !== undefined; next = this.#nextBefore(until)) {
      this.#fire(next, next.at)
      await settle()
    }
    this.#now = until
    await settle()
  }

  /** Moves time at once, as a blocked event loop or a stopped process does: timers fire late, after the jump. */
  async stall(byMs: number): Promise<void> {
    this.#now += byMs
    for (let next = this.#nextBefore(this.#now); next !== undefined; next = this.#nextBefore(this.#now)) {
      this.#fire(next, this.#now)
      await settle()
    }
  }

  #nextBefore(until: number): Pending | undefined {
    let first: Pending | undefined
    for (const pending of this.#pending) {
      if (pending.at <= until && (first === undefined || isBefore(pending, first))) first = pending
    }
    return first
  }

  #fire(pending: Pending, now: number): void {
    this.#pending.delete(pending)
    this.#now = now
    pending.task()
  }
}

function isBefore(one: Pending, other: Pending): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await Promise.resolve()
}
