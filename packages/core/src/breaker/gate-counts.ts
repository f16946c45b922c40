/** What became of calls that were not simply made. Counted since the breaker was made. */
export interface GateCounts {
  /** Refused: the circuit was open, or its trials were taken. */
  refused: number
  /** Let pass under a hold, although they would have been refused. */
  wouldRefuse: number
  /** Let through to the standby. */
  rescued: number
  /** Let through as trials. */
  trials: number
  /** Failed, or were cancelled, in ways that do not count. */
  ignored: number
  /** Ended because their time was up. */
  timedOut: number
  /** Failed so late that the circuit had changed meanwhile; they moved nothing. */
  late: number
}

export function noCounts(): GateCounts {
  return {
    refused: 0,
    wouldRefuse: 0,
    rescued: 0,
    trials: 0,
    ignored: 0,
    timedOut: 0,
    late: 0,
  }
}
