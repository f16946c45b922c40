/* What of a circuit outlives its process. Durations instead of times: another process has another clock. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { Rules } from './rules.ts'
import {
  initialState,
  type Circuit,
  type Hold,
  type HoldKind,
  type MachineState,
  type Outage,
} from './state.ts'

/** Plain data, made to be stored as JSON. Without secrets: errors are summaries. */
export interface CircuitSnapshot {
  readonly version: 1
  /** Wall-clock time, in milliseconds since the epoch. */
  readonly takenAt: number
  readonly circuit: 'closed' | 'open'
  /** For how long it has been that. */
  readonly forMs: number
  readonly openMs: number
  readonly openings: number
  readonly hold?: HoldSnapshot
  readonly outage?: OutageSnapshot
}

interface HoldSnapshot {
  readonly kind: HoldKind
  readonly reason?: string
  readonly author?: string
  readonly expiresInMs?: number
}

interface OutageSnapshot {
  readonly forMs: number
  readonly cause: Outage['cause']
  readonly error: ErrorSummary
}

/** Trials do not outlive their process: a half-open circuit is one whose open time has just passed. */
export function toSnapshot(state: MachineState, now: number, takenAt: number): CircuitSnapshot {
  const { circuit, openMs, openings, hold, outage } = state
  const since = circuit.name === 'open' ? circuit.quietSince : circuit.since
  return {
    version: 1,
    takenAt,
    circuit: circuit.name === 'closed' ? 'closed' : 'open',
    forMs: circuit.name === 'half-open' ? openMs : now - since,
    openMs,
    openings,
    ...(hold === undefined ? {} : { hold: holdToSnapshot(hold, now) }),
    ...(outage === undefined
      ? {}
      : { outage: { forMs: now - outage.since, cause: outage.cause, error: outage.error } }),
  }
}

/** @param ageMs how long ago the snapshot was taken */
export function fromSnapshot(
  snapshot: CircuitSnapshot,
  rules: Rules,
  now: number,
  ageMs: number,
): MachineState {
  const { openMs, openings, outage, hold } = snapshot
  const taken = now - ageMs
  return {
    ...initialState(openMs, now),
    circuit: circuitFrom(snapshot, taken - snapshot.forMs),
    openings,
    ...(hold === undefined ? {} : { hold: holdFrom(hold, taken) }),
    ...(outage === undefined ? {} : { outage: outageFrom(outage, taken, now + rules.outageLogIntervalMs) }),
  }
}

function circuitFrom({ circuit, openMs }: CircuitSnapshot, since: number): Circuit {
  if (circuit === 'closed') return { name: 'closed', since, badRun: 0 }
  return { name: 'open', since, goodRun: 0, cause: 'calls', minimumOpenMs: openMs, quietSince: since }
}

function holdToSnapshot({ kind, reason, author, expiresAt }: Hold, now: number): HoldSnapshot {
  return {
    kind,
    ...(reason === undefined ? {} : { reason }),
    ...(author === undefined ? {} : { author }),
    ...(expiresAt === undefined ? {} : { expiresInMs: expiresAt - now }),
  }
}

function holdFrom({ kind, reason, author, expiresInMs }: HoldSnapshot, taken: number): Hold {
  return { kind, reason, author, expiresAt: expiresInMs === undefined ? undefined : taken + expiresInMs }
}

function outageFrom({ forMs, cause, error }: OutageSnapshot, taken: number, reportAt: number): Outage {
  return { since: taken - forMs, cause, error, reportAt }
}
