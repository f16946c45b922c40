/* Which moments change the circuit by themselves, and how. Each signal passes those that are due first. */
import { stay, type Step } from './effect.ts'
import { reopen } from './half-open-circuit.ts'
import { changeHold } from './hold-overlay.ts'
import { reportOutage } from './outage.ts'
import type { Deadline } from './region.ts'
import type { MachineState } from './state.ts'

/** The earliest of the circuit's deadlines and of those that a service adds; undefined when there is none. */
export function nextDeadline(state: MachineState, added: readonly Deadline[] = []): Deadline | undefined {
  let next: Deadline | undefined
  for (const deadline of [...circuitDeadlines(state), ...added, ...overlayDeadlines(state)])
    if (next === undefined || deadline.at < next.at) next = deadline
  return next
}

function circuitDeadlines({ circuit, openings, openMs }: MachineState): readonly Deadline[] {
  if (circuit.name === 'half-open')
    return circuit.trials.map(({ deadline }) => ({ at: deadline, pass: passTrial(deadline) }))
  if (circuit.name === 'closed' && openings > 0) return [{ at: circuit.since + openMs, pass: resetLevel }]
  return []
}

function overlayDeadlines({ hold, outage }: MachineState): readonly Deadline[] {
  const reportAt = hold?.kind === 'observe' ? undefined : outage?.reportAt
  return [
    ...(hold?.expiresAt === undefined ? [] : [{ at: hold.expiresAt, pass: expireHold }]),
    ...(reportAt === undefined ? [] : [{ at: reportAt, pass: reportOutage }]),
  ]
}

/** The open time counts from the deadline, however late anybody looks. */
function passTrial(deadline: number): Deadline['pass'] {
  return (state, rules) => {
    const { circuit } = state
    return circuit.name === 'half-open' ? reopen({ ...state, circuit }, rules, deadline) : stay(state)
  }
}

/** It stayed closed for as long as it was last open: the next opening starts from the first open time again. */
function resetLevel(state: MachineState): Step {
  return stay({ ...state, openings: 0 })
}

function expireHold(state: MachineState): Step {
  return changeHold(state, undefined, true)
}
