import type { Clock } from '../clock/clock.ts'
import { DeadlineList } from '../clock/deadline-list.ts'
import { CallerSignals } from './caller-signals.ts'
import { noCounts, type GateCounts } from './gate-counts.ts'
import type { TrialScope } from './trial-scope.ts'

/** What a gate needs only once something is wrong, timed or given up. Most gates of a process never do. */
export class GateExtras {
  readonly counts: GateCounts = noCounts()
  readonly deadlines: DeadlineList
  readonly callerSignals = new CallerSignals()
  /** Made at the first trial. */
  scope: TrialScope | undefined
  /** What opened the circuit, as it was thrown. */
  cause: unknown
  /** The beginning of the outage that it opened. */
  causeOf: number | undefined
  /** A listener that hears of a refusal may call itself, and be refused. */
  isTelling = false
  hasReported = false

  constructor(clock: Clock) {
    this.deadlines = new DeadlineList(clock, true)
  }
}
