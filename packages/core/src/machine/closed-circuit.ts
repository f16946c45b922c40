/* Decides when a closed circuit opens: on failed pings in a row, or on the word of the calls' trip rule. */
import { adoptOpening, openCircuit } from './circuit-edges.ts'
import { ignore, stay, type Step } from './effect.ts'
import type { Rules } from './rules.ts'
import type { Signal, SignalOf } from './signal.ts'
import type { ClosedCircuit, WithCircuit } from './state.ts'

type State = WithCircuit<ClosedCircuit>

export function handleClosed(state: State, signal: Signal, rules: Rules, now: number): Step {
  switch (signal.type) {
    case 'ping-succeeded':
      return stay({ ...state, circuit: { ...state.circuit, badRun: 0 } })
    case 'ping-failed':
      return countFailure(state, rules, now)
    case 'ping-misconfigured':
      return stay(state)
    case 'calls-tripped':
      return trip(state, signal, rules, now)
    case 'shared-opened':
      return stay(adoptOpening(state, signal, now))
    default:
      return ignore(state)
  }
}

function countFailure(state: State, rules: Rules, now: number): Step {
  const badRun = state.circuit.badRun + 1
  if (badRun >= rules.failuresToOpen) return stay(openCircuit(state, 'ping', rules, now))
  return stay({ ...state, circuit: { ...state.circuit, badRun } })
}

function trip(state: State, signal: SignalOf<'calls-tripped'>, rules: Rules, now: number): Step {
  if (signal.generation !== state.generation) return ignore(state)
  return stay(openCircuit({ ...state, lastError: signal.error }, 'calls', rules, now, signal.openMs))
}
