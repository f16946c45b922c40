/** The machine's configuration: durations in milliseconds, counts as whole numbers. Validated before it gets here. */
export interface Rules {
  readonly failuresToOpen: number
  readonly successesToClose: number
  readonly monitoringMs: number
  readonly outageMs: number
  readonly errorMs: number
  /** The first open time; it doubles with each reopening, up to `longestOpenMs`. */
  readonly openMs: number
  readonly longestOpenMs: number
  /** Whether the open time binds the first opening by a ping as well (pools: a minimum hold before failing back). */
  readonly bindsFirstOpening: boolean
  readonly trials: number
  readonly trialTimeoutMs: number
  readonly hookTimeoutMs: number
  readonly outageLogIntervalMs: number
  /** Whether there is something to ping. */
  readonly hasPing: boolean
  /** Whether there is anything to fail over: a hook, or settings. */
  readonly hasFailover: boolean
}
