/* The only file that may read time or start timers: a search for the raw calls ends here (a lint rule sees to it). */
import { COARSE_TICK_MS, type Clock, type Timer, type TimerOptions } from './clock.ts'
import { CoarseTime } from './coarse-time.ts'
import { runOutsideRequests } from './outside-requests.ts'

/** A longer delay makes Node's setTimeout fire after 1 ms (its counter is a 32-bit integer). */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined
  readonly #task: () => void
  #keepsAlive: boolean

  constructor(task: () => void, delayMs: number, keepAlive: boolean) {
    this.#task = task
    this.#keepsAlive = keepAlive
    this.#start(Math.max(0, delayMs))
  }

  cancel(): void {
    clearTimeout(this.#handle)
    this.#handle = undefined
  }

  keepAlive(isOn: boolean): void {
    if (this.#keepsAlive === isOn) return
    this.#keepsAlive = isOn
    if (isOn) this.#handle?.ref()
    else this.#handle?.unref()
  }

  #start(delayMs: number): void {
    const step = Math.min(delayMs, LONGEST_TIMEOUT_MS)
    const next = step === delayMs ? this.#task : () => this.#start(delayMs - step)
    this.#handle = runOutsideRequests(() => setTimeout(next, step))
    if (!this.#keepsAlive) this.#handle.unref()
  }
}

const now = (): number => performance.now()

function everyTick(task: () => void): Timer {
  const handle = runOutsideRequests(() => setInterval(task, COARSE_TICK_MS)).unref()
  return { cancel: () => clearInterval(handle), keepAlive: () => undefined }
}

const coarseTime = new CoarseTime(now, everyTick)

/** The clock of the running process. It owns the one coarse tick, which stops when nobody reads it. */
export const systemClock: Clock = Object.freeze({
  now,
  coarseNow: () => coarseTime.read(),
  wallNow: () => Date.now(),
  random: () => Math.random(),
  startTimer: (task: () => void, delayMs: number, options: TimerOptions = {}) =>
    new SystemTimer(task, delayMs, options.keepAlive ?? false),
  async turns(turns: number) {
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  },
})
