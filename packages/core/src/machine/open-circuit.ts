/* Decides when an open circuit closes: good pings in a row, and not before a binding open time has passed. */
import { closeCircuit } from './circuit-edges.ts'
import { ignore, stay, type Step } from './effect.ts'
import type { Rules } from './rules.ts'
import { follow } from './sharing.ts'
import type { Signal } from './signal.ts'
import type { OpenCircuit, WithCircuit } from './state.ts'

type State = WithCircuit<OpenCircuit>

export function handleOpen(state: State, signal: Signal, rules: Rules, now: number): Step {
  switch (signal.type) {
    case 'ping-succeeded':
      return countSuccess(state, rules, now)
    case 'ping-failed':
      return stay({ ...state, circuit: { ...state.circuit, goodRun: 0, quietSince: now } })
    case 'ping-misconfigured':
      return stay({ ...state, circuit: { ...state.circuit, goodRun: 0 } })
    case 'shared-opened':
    case 'shared-closed':
      return follow(state, signal, now)
    default:
      return ignore(state)
  }
}

function countSuccess(state: State, rules: Rules, now: number): Step {
  const { circuit } = state
  const goodRun = Math.min(circuit.goodRun + 1, rules.successesToClose)
  const mayClose = now - circuit.since >= circuit.minimumOpenMs
  if (mayClose && goodRun >= rules.successesToClose) return stay(closeCircuit(state, now))
  return stay({ ...state, circuit: { ...circuit, goodRun, quietSince: now } })
}
