import type { Clock } from '../clock/clock.ts'
import { InvalidOptionError } from '../errors.ts'
import type { Rules } from '../machine/rules.ts'
import { fromSnapshot, type CircuitSnapshot } from '../machine/snapshot.ts'
import { initialState, type MachineState } from '../machine/state.ts'

/** A snapshot comes out of a file or a cache: it may be anything. @throws InvalidOptionError */
export function checkSnapshot(option: string, value: unknown): CircuitSnapshot {
  if (isSnapshot(value)) return value
  throw new InvalidOptionError(option, 'what breaker.snapshot() returned', value)
}

/** The state to begin with: a wall clock that went back since counts as no time. */
export function firstState(snapshot: CircuitSnapshot | undefined, rules: Rules, clock: Clock): MachineState {
  if (snapshot === undefined) return initialState(rules.openMs, clock.now())
  const ageMs = Math.max(0, clock.wallNow() - snapshot.takenAt)
  const openMs = Math.max(1, Math.min(snapshot.openMs, rules.longestOpenMs))
  return fromSnapshot({ ...snapshot, openMs }, rules, clock.now(), ageMs)
}

function isSnapshot(value: unknown): value is CircuitSnapshot {
  if (!isRecord(value) || value['version'] !== 1) return false
  const { circuit, hold, outage } = value
  const isCircuit = circuit === 'closed' || circuit === 'open'
  return isCircuit && areTimes(value) && isHold(hold) && isOutage(outage)
}

function areTimes({ takenAt, forMs, openings, openMs }: Record<string, unknown>): boolean {
  return [takenAt, forMs, openings, openMs].every(isTime) && openMs !== 0
}

function isHold(hold: unknown): boolean {
  if (hold === undefined) return true
  if (!isRecord(hold)) return false
  const { kind, reason, author, expiresInMs } = hold
  const areTexts = [reason, author].every((text) => text === undefined || typeof text === 'string')
  const isKind = kind === 'open' || kind === 'closed' || kind === 'observe'
  return areTexts && isKind && (expiresInMs === undefined || Number.isFinite(expiresInMs))
}

function isOutage(outage: unknown): boolean {
  if (outage === undefined) return true
  if (!isRecord(outage) || !isTime(outage['forMs'])) return false
  const { cause, error } = outage
  return (cause === 'calls' || cause === 'ping' || cause === 'hold') && isSummary(error)
}

function isSummary(error: unknown): boolean {
  return isRecord(error) && typeof error['name'] === 'string' && typeof error['message'] === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity
}
