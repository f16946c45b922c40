/** A timer that was started; `cancel` is idempotent. */
export interface Timer {
  cancel(): void
  /** Whether it keeps the process alive from now on. */
  keepAlive(isOn: boolean): void
}

/** `coarseNow` is at most so many milliseconds behind `now`, unless the event loop stands still. */
export const COARSE_TICK_MS = 100

export interface TimerOptions {
  /** Whether the timer keeps the process alive. Default: false. */
  keepAlive?: boolean
}

/**
 * All that the library knows of time. Everything decides on `now`; `wallNow` is for people (log lines and events),
 * because a wall clock can be set back by an hour in the middle of an outage.
 */
export interface Clock {
  /** Monotonic time in milliseconds, with a fraction. */
  now(): number
  /** As `now`, but a little behind, and so cheap that every call can look at it. */
  coarseNow(): number
  /** Wall-clock time in milliseconds since the epoch. May jump. */
  wallNow(): number
  /** Runs `task` once, not before `delayMs` milliseconds from now; any finite delay is honoured, however long. */
  startTimer(task: () => void, delayMs: number, options?: TimerOptions): Timer
  /** From 0 up to 1; for spreading pings in time, and for nothing else. */
  random(): number
  /** Resolves after the event loop has turned `turns` times, so that answers which already arrived are read first. */
  turns(turns: number): Promise<void>
}
