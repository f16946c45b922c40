/* What follows from the state without changing it. Reading decides nothing. */
import type { Rules } from './rules.ts'
import type { CircuitName, MachineState } from './state.ts'

/** Whether the service is wanted down: by an operator, else by the evidence. `observe` leaves the evidence in force. */
export function wantsDown({ hold, circuit }: MachineState): boolean {
  if (hold?.kind === 'open') return true
  return hold?.kind !== 'closed' && circuit.name !== 'closed'
}

/** The state that was committed and published. */
export function visibleCircuit(state: MachineState): CircuitName {
  const { circuit, failover, hold } = state
  if (failover.name !== 'idle') return 'open'
  if (!wantsDown(state)) return 'closed'
  return hold === undefined && circuit.name === 'half-open' ? 'half-open' : 'open'
}

/** Whether the next call may be a trial: no ping decides, and the open time has passed in silence. */
export function isHalfOpenDue(state: MachineState, rules: Rules, now: number): boolean {
  return now >= halfOpenDueAt(state, rules)
}

/** When the next call may be a trial; never, while pings or hooks decide. */
export function halfOpenDueAt(state: MachineState, rules: Rules): number {
  const { circuit, failover, openMs } = state
  if (circuit.name !== 'open' || failover.name !== 'idle' || doPingsDecide(state, rules)) return Infinity
  return circuit.quietSince + openMs
}

/** A ping that was misconfigured or inconclusive decides nothing: then it is up to trials. */
function doPingsDecide({ lastPing }: MachineState, rules: Rules): boolean {
  const isUndecided = lastPing?.result === 'inconclusive' || lastPing?.result === 'misconfigured'
  return rules.hasPing && !isUndecided
}

/** The state that users read: truthful without a call having come by. */
export function projectedCircuit(state: MachineState, rules: Rules, now: number): CircuitName {
  const due = state.hold === undefined && isHalfOpenDue(state, rules, now)
  return due ? 'half-open' : visibleCircuit(state)
}

/** The time from the start of one ping to the next. */
export function pingIntervalMs({ circuit, lastPing }: MachineState, rules: Rules): number {
  if (lastPing?.result === 'inconclusive') return rules.errorMs
  switch (circuit.name) {
    case 'closed':
      return circuit.badRun > 0 ? rules.errorMs : rules.monitoringMs
    case 'open':
    case 'half-open':
      return circuit.goodRun > 0 && circuit.goodRun < rules.successesToClose ? rules.errorMs : rules.outageMs
  }
}
