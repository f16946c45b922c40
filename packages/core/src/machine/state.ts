/* What the machine remembers of one service. Plain frozen-by-convention data: every change makes a new object. */
import type { ErrorSummary } from '../adapter/describe-error.ts'

export type CircuitName = 'closed' | 'open' | 'half-open'
export type FailoverName = 'idle' | 'failing-over' | 'failed-over' | 'recovering'
export type HoldKind = 'open' | 'closed' | 'observe'
export type OpenCause = 'ping' | 'calls'
export type HookName = 'failover' | 'recover'
export type PingResultName = 'good' | 'failed' | 'inconclusive' | 'misconfigured'

export interface ClosedCircuit {
  readonly name: 'closed'
  readonly since: number
  /** Failed pings in a row. */
  readonly badRun: number
}

export interface OpenCircuit {
  readonly name: 'open'
  readonly since: number
  /** Good pings in a row. */
  readonly goodRun: number
  /** What opened it first; later evidence does not change it. */
  readonly cause: OpenCause
  /** How long this opening lasts at the least; 0 where the open time does not bind it. */
  readonly minimumOpenMs: number
  /** It was opened by others who share it, and this process has no evidence of its own. */
  readonly adopted?: boolean | undefined
  /** Half-open is due once this has been silent for the open time: the opening, or the last good or failed ping. */
  readonly quietSince: number
}

/** One caller's call that was let through in half-open. */
export interface Trial {
  readonly id: number
  readonly deadline: number
}

export interface HalfOpenCircuit {
  readonly name: 'half-open'
  readonly since: number
  readonly goodRun: number
  readonly cause: OpenCause
  readonly adopted?: boolean | undefined
  readonly trials: readonly Trial[]
}

export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit

/** A hook that timed out and has not settled yet: the next hook waits for it, but not for ever. */
export interface UnsettledHook {
  readonly attempt: number
  readonly until: number
}

export interface RestingFailover {
  readonly name: 'idle' | 'failed-over'
  readonly retryAt?: number | undefined
  readonly unsettled?: UnsettledHook | undefined
  /** Idle, but a `failover()` that had timed out has done its work after all: `recover()` must run next. */
  readonly owesRecover?: boolean | undefined
}

export interface RunningFailover {
  readonly name: 'failing-over' | 'recovering'
  readonly attempt: number
  /** An earlier attempt, which had timed out, has done its work meanwhile. */
  readonly earlierFulfilled?: boolean | undefined
}

export type Failover = RestingFailover | RunningFailover

/** An operator's decision, laid over the computed circuit; only an operator or its expiry removes it. */
export interface Hold {
  readonly kind: HoldKind
  readonly reason?: string | undefined
  readonly author?: string | undefined
  readonly expiresAt?: number | undefined
}

/** One period in which the service was not closed. */
export interface Outage {
  readonly since: number
  readonly cause: OpenCause | 'hold'
  readonly error: ErrorSummary
  /** When it is said again that it is still going on. */
  readonly reportAt: number
}

export interface LastPing {
  readonly at: number
  readonly result: PingResultName
}

export interface MachineState {
  readonly circuit: Circuit
  readonly failover: Failover
  readonly hold?: Hold | undefined
  readonly outage?: Outage | undefined
  /** Stamped on every admitted call; an answer that bears an earlier one moves nothing. */
  readonly generation: number
  /** Openings since the circuit last stayed closed for as long as its last open time. */
  readonly openings: number
  /** The current open time, in milliseconds. */
  readonly openMs: number
  readonly inconclusiveRun: number
  readonly lastPing?: LastPing | undefined
  readonly lastError?: ErrorSummary | undefined
  /** Numbers hooks and trials. */
  readonly sequence: number
  /** Signals that came too late, or that the table does not list for the state. */
  readonly ignored: number
}

export type WithCircuit<C extends Circuit> = MachineState & { readonly circuit: C }

/** Most services are never anywhere else: one object does for all. */
const IDLE: RestingFailover = Object.freeze({ name: 'idle' })

export function initialState(openMs: number, now: number): MachineState {
  return {
    circuit: { name: 'closed', since: now, badRun: 0 },
    failover: IDLE,
    generation: 0,
    openings: 0,
    openMs,
    inconclusiveRun: 0,
    sequence: 0,
    ignored: 0,
  }
}
