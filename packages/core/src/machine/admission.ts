/* Decides what becomes of one call: admitted, rescued, a trial, or refused. Whoever meets trouble triggers a due ping. */
import { openHalf } from './circuit-edges.ts'
import { stay, type Effect, type Step } from './effect.ts'
import { halfOpenDueAt, isHalfOpenDue, visibleCircuit } from './projection.ts'
import type { Rules } from './rules.ts'
import type { HalfOpenCircuit, MachineState, OpenCircuit, Trial, WithCircuit } from './state.ts'

const triggerPing: Effect = { type: 'trigger-ping' }

export function meetCall(state: MachineState, rules: Rules, now: number): Step {
  if (isPlain(state)) return stay(state, { type: 'admit', generation: state.generation })
  if (isRescuing(state)) return stay(state, { type: 'rescue' }, triggerPing)
  if (state.hold?.kind === 'open') return refuse(state, rules, now)
  return offerTrial(state, rules, now) ?? meetTrouble(state, rules, now)
}

/** What every call is told until `until`, unless the state changes. */
export interface StandingAnswer {
  readonly answer: 'admit' | 'rescue' | 'refuse'
  readonly until: number
}

/** Nothing is wrong, and nobody need be asked until somebody says otherwise. */
export const ADMIT: StandingAnswer = Object.freeze({ answer: 'admit', until: Infinity })

/**
 * The answer that the machine would give to one call after the other, so that nobody need ask it each time; undefined
 * where the next call may change the state.
 *
 * @param deadlineAt when the state next changes by itself
 */
export function standingAnswer(
  state: MachineState,
  rules: Rules,
  deadlineAt: number,
): StandingAnswer | undefined {
  if (isPlain(state)) return owesRecover(state) ? { answer: 'admit', until: deadlineAt } : ADMIT
  if (isRescuing(state)) return { answer: 'rescue', until: deadlineAt }
  if (state.hold?.kind === 'open') return { answer: 'refuse', until: deadlineAt }
  if (state.hold !== undefined || hasFreeTrial(state, rules)) return undefined
  return { answer: 'refuse', until: Math.min(deadlineAt, halfOpenDueAt(state, rules)) }
}

/** Nothing is wrong and nobody has interfered. */
function isPlain(state: MachineState): boolean {
  return state.hold === undefined && visibleCircuit(state) === 'closed'
}

/** A hook is still to run, at its time. */
function owesRecover({ failover }: MachineState): boolean {
  return 'owesRecover' in failover && failover.owesRecover === true
}

/** Calls reach the standby. */
function isRescuing({ failover }: MachineState): boolean {
  return failover.name === 'failed-over' || failover.name === 'recovering'
}

function offerTrial(state: MachineState, rules: Rules, now: number): Step | undefined {
  const { circuit } = state
  if (isOpen(circuit) && isHalfOpenDue(state, rules, now))
    return admitFirstTrial({ ...state, circuit }, rules, now)
  return isHalfOpen(circuit) && hasFreeTrial(state, rules)
    ? admitTrial({ ...state, circuit }, rules, now)
    : undefined
}

function hasFreeTrial({ circuit, failover }: MachineState, rules: Rules): boolean {
  return isHalfOpen(circuit) && failover.name === 'idle' && circuit.trials.length < rules.trials
}

/** Held on `closed` or `observe`, what the evidence would refuse is admitted. */
function meetTrouble(state: MachineState, rules: Rules, now: number): Step {
  return state.hold === undefined ? refuse(state, rules, now) : admit(state, undefined)
}

const isOpen = (circuit: MachineState['circuit']): circuit is OpenCircuit => circuit.name === 'open'
const isHalfOpen = (circuit: MachineState['circuit']): circuit is HalfOpenCircuit =>
  circuit.name === 'half-open'

function admitFirstTrial(state: WithCircuit<OpenCircuit>, rules: Rules, now: number): Step {
  const trial = newTrial(state, rules, now)
  return admit({ ...openHalf(state, trial, now), sequence: trial.id }, trial)
}

function admitTrial(state: WithCircuit<HalfOpenCircuit>, rules: Rules, now: number): Step {
  const trial = newTrial(state, rules, now)
  const trials = [...state.circuit.trials, trial]
  return admit({ ...state, sequence: trial.id, circuit: { ...state.circuit, trials } }, trial)
}

function newTrial(state: MachineState, rules: Rules, now: number): Trial {
  return { id: state.sequence + 1, deadline: now + rules.trialTimeoutMs }
}

function admit(state: MachineState, trial: Trial | undefined): Step {
  return stay(state, { type: 'admit', generation: state.generation, trial: trial?.id }, triggerPing)
}

function refuse(state: MachineState, rules: Rules, now: number): Step {
  return stay(
    state,
    { type: 'refuse', retryAfterMs: Math.max(0, retryAt(state, rules, now) - now) },
    triggerPing,
  )
}

/** When another answer may be expected: not before the open time is over, nor before the next ping where pings decide. */
export function retryAt(state: MachineState, rules: Rules, now: number): number {
  const { circuit, openMs, hold } = state
  if (hold !== undefined) return hold.expiresAt ?? now + rules.outageMs
  switch (circuit.name) {
    case 'half-open':
      return Math.min(now + openMs, ...circuit.trials.map(({ deadline }) => deadline))
    case 'open': {
      const nextAt = rules.hasPing ? nextPingAt(state, rules, now) : circuit.quietSince + openMs
      return Math.max(circuit.since + circuit.minimumOpenMs, nextAt)
    }
    case 'closed':
      return nextPingAt(state, rules, now)
  }
}

function nextPingAt({ lastPing }: MachineState, rules: Rules, now: number): number {
  const pingAt = (lastPing?.at ?? now) + rules.outageMs
  return pingAt > now ? pingAt : now + rules.errorMs
}
