import type { Clock } from '../clock/clock.ts'

/** Counts the outcomes of one closed period. Made anew each time the circuit closes. */
export interface Tally {
  /** A call succeeded. @returns whether the circuit is to open */
  succeeded(): boolean
  /** A call failed. @returns whether the circuit is to open */
  failed(): boolean
}

/** When calls open their circuit. A rule is shared by any number of breakers and keeps no counts itself: its tallies do. */
export interface TripRule {
  /** What the rule says, for messages; two rules that say the same are taken for the same. */
  readonly description: string
  /** Whether a success that took so many milliseconds counts as a failure. Where it is missing no call is timed. */
  isSlow?(durationMs: number): boolean
  start(clock: Clock): Tally
}
