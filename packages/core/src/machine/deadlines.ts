/* Which moments change the state by themselves, and how. Each signal passes those that are due first. */
import { stay, type Step } from './effect.ts'
import { reopen } from './half-open-circuit.ts'
import { changeHold } from './hold-overlay.ts'
import { reportOutage } from './outage.ts'
import type { Rules } from './rules.ts'
import type { MachineState } from './state.ts'

interface Deadline {
  readonly at: number
  readonly pass: (state: MachineState, rules: Rules, at: number) => Step
}

/** The next moment at which the state changes without a signal; undefined when there is none. */
export function nextDeadline(state: MachineState): Deadline | undefined {
  return deadlinesOf(state).reduce<Deadline | undefined>(earlier, undefined)
}

function earlier(first: Deadline | undefined, second: Deadline): Deadline {
  return first === undefined || second.at < first.at ? second : first
}

function deadlinesOf(state: MachineState): Deadline[] {
  return [...circuitDeadlines(state), ...failoverDeadlines(state), ...overlayDeadlines(state)]
}

function circuitDeadlines({ circuit, openings, openMs }: MachineState): Deadline[] {
  if (circuit.name === 'half-open')
    return circuit.trials.map(({ deadline }) => ({ at: deadline, pass: passTrial }))
  if (circuit.name === 'closed' && openings > 0) return [{ at: circuit.since + openMs, pass: resetLevel }]
  return []
}

function failoverDeadlines({ failover }: MachineState): Deadline[] {
  if ('attempt' in failover) return []
  const { retryAt, unsettled } = failover
  return [
    ...(retryAt === undefined ? [] : [{ at: retryAt, pass: allowRetry }]),
    ...(unsettled === undefined ? [] : [{ at: unsettled.until, pass: stopWaiting }]),
  ]
}

function overlayDeadlines({ hold, outage }: MachineState): Deadline[] {
  const reportAt = hold?.kind === 'observe' ? undefined : outage?.reportAt
  return [
    ...(hold?.expiresAt === undefined ? [] : [{ at: hold.expiresAt, pass: expireHold }]),
    ...(reportAt === undefined ? [] : [{ at: reportAt, pass: reportOutage }]),
  ]
}

function passTrial(state: MachineState, rules: Rules, at: number): Step {
  return state.circuit.name === 'half-open'
    ? reopen({ ...state, circuit: state.circuit }, rules, at)
    : stay(state)
}

/** It stayed closed for as long as it was last open: the next opening starts from the first open time again. */
function resetLevel(state: MachineState): Step {
  return stay({ ...state, openings: 0 })
}

function allowRetry(state: MachineState): Step {
  const { failover } = state
  return 'attempt' in failover
    ? stay(state)
    : stay({ ...state, failover: { ...failover, retryAt: undefined } })
}

function stopWaiting(state: MachineState): Step {
  const { failover } = state
  return 'attempt' in failover
    ? stay(state)
    : stay({ ...state, failover: { ...failover, unsettled: undefined } })
}

function expireHold(state: MachineState): Step {
  return changeHold(state, undefined, true)
}
