/* The only file that may read time or start timers: a search for the raw calls ends here (a lint rule sees to it). */
import type { Clock, Timer, TimerOptions } from './clock.ts'
import { runOutsideRequests } from './outside-requests.ts'

/** A longer delay makes Node's setTimeout fire after 1 ms (its counter is a 32-bit integer). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined
  readonly #task: () => void
  readonly #keepAlive: boolean

  constructor(task: () => void, delayMs: number, keepAlive: boolean) {
    this.#task = task
    this.#keepAlive = keepAlive
    this.#start(Math.max(0, delayMs))
  }

  cancel(): void {
    clearTimeout(this.#handle)
    this.#handle = undefined
  }

  #start(delayMs: number): void {
    const step = Math.min(delayMs, LONGEST_TIMEOUT_MS)
    const next = step === delayMs ? this.#task : () => this.#start(delayMs - step)
    this.#handle = runOutsideRequests(() => setTimeout(next, step))
    if (!this.#keepAlive) this.#handle.unref()
  }
}

/** The clock of the running process. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  wallNow: () => Date.now(),
  random: () => Math.random(),
  startTimer: (task: () => void, delayMs: number, options: TimerOptions = {}) =>
    new SystemTimer(task, delayMs, options.keepAlive ?? false),
  async turns(turns: number) {
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  },
})
