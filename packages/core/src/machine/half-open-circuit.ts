/* Decides what the outcomes of trials, or a ping, make of a half-open circuit. */
import { closeCircuit, openCircuit } from './circuit-edges.ts'
import { ignore, stay, type Step } from './effect.ts'
import type { Rules } from './rules.ts'
import { follow } from './sharing.ts'
import type { Signal, SignalOf } from './signal.ts'
import type { HalfOpenCircuit, WithCircuit } from './state.ts'

type State = WithCircuit<HalfOpenCircuit>
type TrialSignal = SignalOf<'trial-succeeded' | 'trial-ignored' | 'trial-failed'>

export function handleHalfOpen(state: State, signal: Signal, rules: Rules, now: number): Step {
  switch (signal.type) {
    case 'ping-succeeded':
      return countSuccess(state, rules, now)
    case 'ping-failed':
      return reopen(state, rules, now)
    case 'ping-misconfigured':
      return stay({ ...state, circuit: { ...state.circuit, goodRun: 0 } })
    case 'trial-succeeded':
    case 'trial-ignored':
    case 'trial-failed':
      return settleTrial(state, signal, rules, now)
    case 'shared-opened':
    case 'shared-closed':
      return follow(state, signal, now)
    default:
      return ignore(state)
  }
}

/** What opened it first stays the cause; the open time grows; trials still running are late. */
export function reopen(state: State, rules: Rules, now: number, askedMs?: number): Step {
  return stay(openCircuit(state, state.circuit.cause, rules, now, askedMs))
}

function settleTrial(state: State, signal: TrialSignal, rules: Rules, now: number): Step {
  const { circuit } = state
  const trials = circuit.trials.filter(({ id }) => id !== signal.trial)
  const isCurrent = signal.generation === state.generation && trials.length < circuit.trials.length
  if (!isCurrent) return ignore(state)
  const returned: State = { ...state, circuit: { ...circuit, trials } }
  switch (signal.type) {
    case 'trial-succeeded':
      return countSuccess(returned, rules, now)
    case 'trial-failed':
      return reopen({ ...returned, lastError: signal.error }, rules, now, signal.openMs)
    case 'trial-ignored':
      return stay(returned)
  }
}

function countSuccess(state: State, rules: Rules, now: number): Step {
  const goodRun = state.circuit.goodRun + 1
  if (goodRun >= rules.successesToClose) return stay(closeCircuit(state, now))
  return stay({ ...state, circuit: { ...state.circuit, goodRun } })
}
