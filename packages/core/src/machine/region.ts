import type { Step } from './effect.ts'
import type { Rules } from './rules.ts'
import type { Signal } from './signal.ts'
import type { MachineState } from './state.ts'

/** A moment at which the state changes without a signal. */
export interface Deadline {
  readonly at: number
  readonly pass: (state: MachineState, rules: Rules, at: number) => Step
}

export type Handle = (state: MachineState, signal: Signal) => Step

/**
 * What a service adds to its circuit: pings and hooks. The circuit of calls alone has neither, and whoever imports only
 * that one loads nothing of this.
 */
export interface Region {
  /** Answers what is the service's own; the rest it passes on. */
  readonly handle: (
    state: MachineState,
    signal: Signal,
    rules: Rules,
    now: number,
    handleCircuit: Handle,
  ) => Step
  /** What follows from any change. */
  readonly settle: (state: MachineState, rules: Rules) => Step
  readonly deadlines: (state: MachineState) => readonly Deadline[]
}
