/*
 * The one place where the state of a service is decided: (state, signal, rules, now) -> (state, effects). Pure: no
 * clock, no I/O, no randomness, no waiting. Total: every signal has an answer in every state, and none throws.
 */
import { meetCall } from './admission.ts'
import { handleClosed } from './closed-circuit.ts'
import { nextDeadline } from './deadlines.ts'
import { publish, stay, andThen, type Effect, type Step } from './effect.ts'
import { handleHookEnd, handleHookFulfilled, settleFailover } from './failover-region.ts'
import { handleHalfOpen } from './half-open-circuit.ts'
import { changeHold } from './hold-overlay.ts'
import { handleOpen } from './open-circuit.ts'
import { settleOutage } from './outage.ts'
import { handlePing, isPing } from './pings.ts'
import { visibleCircuit } from './projection.ts'
import type { Rules } from './rules.ts'
import type { Signal } from './signal.ts'
import type { CircuitName, MachineState } from './state.ts'
import { circuitEdges, isLegal } from './transition-table.ts'

export function transition(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
  const onTime = passDeadlines(state, rules, now)
  return andThen(onTime, (next) => decide(next, (current) => handle(current, signal, rules, now), rules, now))
}

/** Bounded: passing a deadline removes it or moves it past `now`. */
function passDeadlines(state: MachineState, rules: Rules, now: number): Step {
  let step = stay(state)
  for (let due = nextDeadline(state); due !== undefined && due.at <= now; due = nextDeadline(step.state)) {
    const { pass } = due
    step = andThen(step, (next) => decide(next, (current) => pass(current, rules, now), rules, now))
  }
  return step
}

/** One decision, and what follows from it: hooks, the published edge, the book of outages. */
function decide(
  before: MachineState,
  change: (state: MachineState) => Step,
  rules: Rules,
  now: number,
): Step {
  const changed = change(before)
  const settled = andThen(changed, (state) => settleFailover(state, rules))
  const published = andThen(settled, (state) => stay(state, ...edgeEvents(before, state)))
  return andThen(published, (state) => settleOutage(state, rules, now))
}

function handle(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
  if (isPing(signal))
    return handlePing(state, signal, now, (next, ping) => handleCircuit(next, ping, rules, now))
  switch (signal.type) {
    case 'time-passed':
      return stay(state)
    case 'call':
      return meetCall(state, rules, now)
    case 'held':
      return changeHold(state, signal.hold, false)
    case 'unheld':
      return changeHold(state, undefined, false)
    case 'hook-fulfilled':
      return handleHookFulfilled(state, signal)
    case 'hook-failed':
    case 'hook-timed-out':
      return handleHookEnd(state, signal, rules, now)
    default:
      return handleCircuit(state, signal, rules, now)
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

/** An `unhold` may uncover half-open beneath closed: that is two edges, by way of open. */
function edgeEvents(before: MachineState, after: MachineState): Effect[] {
  const observed = after.hold?.kind === 'observe'
  const changed = (from: CircuitName, to: CircuitName) =>
    publish({ type: 'circuit-changed', from, to, observed })
  const from = visibleCircuit(before)
  const to = visibleCircuit(after)
  if (from === to) return []
  return isLegal(circuitEdges, from, to) ? [changed(from, to)] : [changed(from, 'open'), changed('open', to)]
}
