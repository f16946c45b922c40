/* How every signal is decided, with or without what a service adds to its circuit. */
import { meetCall } from './admission.ts'
import { handleClosed } from './closed-circuit.ts'
import { nextDeadline } from './deadlines.ts'
import { publish, stay, andThen, type Effect, type Step } from './effect.ts'
import { handleHalfOpen } from './half-open-circuit.ts'
import { changeHold } from './hold-overlay.ts'
import { handleOpen } from './open-circuit.ts'
import { settleOutage } from './outage.ts'
import { visibleCircuit } from './projection.ts'
import type { Deadline, Region } from './region.ts'
import type { Rules } from './rules.ts'
import type { Signal } from './signal.ts'
import type { CircuitName, MachineState } from './state.ts'

export function decide(
  state: MachineState,
  signal: Signal,
  rules: Rules,
  now: number,
  region: Region | undefined,
): Step {
  const onTime = passDeadlines(state, rules, now, region)
  const answer = (next: MachineState): Step => handle(next, signal, rules, now, region)
  return andThen(onTime, (next) => settle(next, answer(next), rules, now, region))
}

/** Bounded: passing a deadline removes it or moves it past `now`. */
function passDeadlines(state: MachineState, rules: Rules, now: number, region: Region | undefined): Step {
  let step = stay(state)
  const next = (): Deadline | undefined => nextDeadline(step.state, region?.deadlines(step.state))
  for (let due = next(); due !== undefined && due.at <= now; due = next()) {
    const { pass } = due
    step = andThen(step, (late) => settle(late, pass(late, rules, now), rules, now, region))
  }
  return step
}

/** What follows from one change: hooks, the published edge, the book of outages. */
function settle(
  before: MachineState,
  changed: Step,
  rules: Rules,
  now: number,
  region: Region | undefined,
): Step {
  const settled = region === undefined ? changed : andThen(changed, (state) => region.settle(state, rules))
  const published = andThen(settled, (state) => stay(state, ...edgeEvents(before, state)))
  return andThen(published, (state) => settleOutage(state, rules, now))
}

function handle(
  state: MachineState,
  signal: Signal,
  rules: Rules,
  now: number,
  region: Region | undefined,
): Step {
  switch (signal.type) {
    case 'time-passed':
      return stay(state)
    case 'call':
      return meetCall(state, rules, now)
    case 'held':
      return changeHold(state, signal.hold, false)
    case 'unheld':
      return changeHold(state, undefined, false)
    default: {
      const ofCircuit = (next: MachineState, other: Signal): Step => handleCircuit(next, other, rules, now)
      return region?.handle(state, signal, rules, now, ofCircuit) ?? ofCircuit(state, signal)
    }
  }
}

function handleCircuit(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
  const { circuit } = state
  switch (circuit.name) {
    case 'closed':
      return handleClosed({ ...state, circuit }, signal, rules, now)
    case 'open':
      return handleOpen({ ...state, circuit }, signal, rules, now)
    case 'half-open':
      return handleHalfOpen({ ...state, circuit }, signal, rules, now)
  }
}

/** An `unhold` may uncover half-open beneath closed, which is no edge: it goes by way of open. */
function edgeEvents(before: MachineState, after: MachineState): Effect[] {
  const observed = after.hold?.kind === 'observe'
  const changed = (from: CircuitName, to: CircuitName): Effect =>
    publish({ type: 'circuit-changed', from, to, observed })
  const from = visibleCircuit(before)
  const to = visibleCircuit(after)
  if (from === to) return []
  return from === 'closed' && to === 'half-open'
    ? [changed(from, 'open'), changed('open', to)]
    : [changed(from, to)]
}
