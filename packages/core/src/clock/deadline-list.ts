import type { Clock, Timer } from './clock.ts'

/** A timer that is so late says that our own event loop stood still. */
const STALL_MS = 20
/** While things are listed the timer rings at least so often, so that the length of a stall is known to within this. */
const HEARTBEAT_MS = 250

/** Something that lasts only so long; a link of the list that it is in. */
export abstract class Timed {
  dueAt = 0
  previous: Timed | undefined = undefined
  next: Timed | undefined = undefined
  isListed = false

  /** It has lasted too long. It has left the list by now. */
  abstract expire(): void
}

/**
 * Tells when each of many things has lasted too long, with one timer for all. Kept in order of time; things of one
 * duration are added at the end and taken out in a few steps, whatever their number.
 *
 * Time in which our own event loop stood still counts against nobody: answers may have arrived that were not read, and
 * questions may not have been sent.
 */
export class DeadlineList {
  readonly #clock: Clock
  readonly #keepAlive: boolean
  #first: Timed | undefined
  #last: Timed | undefined
  #timer: Timer | undefined
  #ringsAt = Infinity
  /** When the event loop was seen to be alive. */
  #aliveAt = 0

  /** @param keepAlive whether somebody waits for these things, so that the process must live until they are over */
  constructor(clock: Clock, keepAlive: boolean) {
    this.#clock = clock
    this.#keepAlive = keepAlive
  }

  add(timed: Timed, delayMs: number): void {
    const now = this.#clock.now()
    this.#look(now)
    timed.dueAt = now + delayMs
    let before = this.#last
    while (before !== undefined && before.dueAt > timed.dueAt) before = before.previous
    this.#insert(timed, before)
    if (timed.dueAt < this.#ringsAt) this.#sleep(now)
    else if (this.#first === timed && this.#keepAlive) this.#timer?.keepAlive(true)
  }

  /** Does nothing if it is no longer there. The timer sleeps on, for the next one. */
  remove(timed: Timed): void {
    if (!timed.isListed) return
    const { previous, next } = timed
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    timed.isListed = false
    timed.previous = timed.next = undefined
    if (this.#first === undefined && this.#keepAlive) this.#timer?.keepAlive(false)
  }

  /** Nothing is to be listed any more: the timer need not sleep on for it. */
  rest(): void {
    if (this.#first === undefined) this.clear()
  }

  clear(): void {
    while (this.#first !== undefined) this.remove(this.#first)
    this.#timer?.cancel()
    this.#ringsAt = Infinity
  }

  #insert(timed: Timed, before: Timed | undefined): void {
    const after = before === undefined ? this.#first : before.next
    timed.previous = before
    timed.next = after
    timed.isListed = true
    if (before === undefined) this.#first = timed
    else before.next = timed
    if (after === undefined) this.#last = timed
    else after.previous = timed
  }

  #ring(): void {
    const now = this.#clock.now()
    this.#look(now)
    this.#ringsAt = Infinity
    for (let due = this.#first; due !== undefined && due.dueAt <= now; due = this.#first) {
      this.remove(due)
      due.expire()
    }
    this.#sleep(now)
  }

  /** If the timer should have rung long ago, the loop stood still: what is listed is due as much later. */
  #look(now: number): void {
    if (now - this.#ringsAt >= STALL_MS) {
      const stoodStillMs = now - this.#aliveAt
      for (let timed = this.#first; timed !== undefined; timed = timed.next) timed.dueAt += stoodStillMs
      this.#ringsAt = Infinity
      this.#sleep(now)
    }
    this.#aliveAt = now
  }

  /** Until the first is due, or the next heartbeat. */
  #sleep(now: number): void {
    if (this.#first === undefined) return
    const at = Math.min(this.#first.dueAt, now + HEARTBEAT_MS)
    if (at >= this.#ringsAt) return
    this.#timer?.cancel()
    this.#ringsAt = at
    this.#timer = this.#clock.startTimer(() => this.#ring(), at - now, { keepAlive: this.#keepAlive })
  }
}
