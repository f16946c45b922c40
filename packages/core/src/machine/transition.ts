/*
 * The one place where the state of a service is decided: (state, signal, rules, now) -> (state, effects). Pure: no
 * clock, no I/O, no randomness, no waiting. Total: every signal has an answer in every state, and none throws.
 */
import { decide } from './circuit-transition.ts'
import type { Step } from './effect.ts'
import type { Rules } from './rules.ts'
import { serviceRegion } from './service-region.ts'
import type { Signal } from './signal.ts'
import type { MachineState } from './state.ts'

export function transition(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
  return decide(state, signal, rules, now, serviceRegion)
}
