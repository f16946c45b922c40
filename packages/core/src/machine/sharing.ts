/* What a circuit that is not closed makes of those that share it. */
import { adoptOpening, closeCircuit } from './circuit-edges.ts'
import { ignore, stay, type Step } from './effect.ts'
import type { SignalOf } from './signal.ts'
import type { HalfOpenCircuit, OpenCircuit, WithCircuit } from './state.ts'

type State = WithCircuit<OpenCircuit> | WithCircuit<HalfOpenCircuit>

/** What this process has seen for itself it also sees the end of for itself: others may reach what it cannot. */
export function follow(state: State, signal: SignalOf<'shared-opened' | 'shared-closed'>, now: number): Step {
  if (state.circuit.adopted !== true) return ignore(state)
  return stay(signal.type === 'shared-closed' ? closeCircuit(state, now) : adoptOpening(state, signal, now))
}
