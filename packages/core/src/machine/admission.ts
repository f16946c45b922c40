/* Decides what becomes of one call: admitted, rescued, a trial, or refused. Whoever meets trouble triggers a due ping. */
import { openHalf } from './circuit-edges.ts'
import { stay, type Effect, type Step } from './effect.ts'
import { isHalfOpenDue, visibleCircuit } from './projection.ts'
import type { Rules } from './rules.ts'
import type { HalfOpenCircuit, MachineState, OpenCircuit, Trial, WithCircuit } from './state.ts'

const triggerPing: Effect = { type: 'trigger-ping' }

export function meetCall(state: MachineState, rules: Rules, now: number): Step {
  const isPlain = state.hold === undefined && visibleCircuit(state) === 'closed'
  if (isPlain) return stay(state, { type: 'admit', generation: state.generation })
  if (isRescuing(state)) return stay(state, { type: 'rescue' }, triggerPing)
  if (state.hold?.kind === 'open') return refuse(state, rules, now)
  return offerTrial(state, rules, now) ?? meetTrouble(state, rules, now)
}

/** Calls reach the standby. */
function isRescuing({ failover }: MachineState): boolean {
  return failover.name === 'failed-over' || failover.name === 'recovering'
}

function offerTrial(state: MachineState, rules: Rules, now: number): Step | undefined {
  const { circuit, failover } = state
  if (isOpen(circuit) && isHalfOpenDue(state, rules, now))
    return admitFirstTrial({ ...state, circuit }, rules, now)
  if (!isHalfOpen(circuit) || failover.name !== 'idle' || circuit.trials.length >= rules.trials)
    return undefined
  return admitTrial({ ...state, circuit }, rules, now)
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

/** The earliest moment at which another answer is possible; with a ping it is the next ping's. */
function retryAt({ circuit, openMs, hold }: MachineState, rules: Rules, now: number): number {
  if (hold !== undefined) return hold.expiresAt ?? now + rules.outageMs
  if (circuit.name === 'half-open' && circuit.trials.length > 0)
    return Math.min(...circuit.trials.map(({ deadline }) => deadline))
  if (circuit.name === 'open' && !rules.hasPing) return circuit.quietSince + openMs
  return now + rules.outageMs
}
