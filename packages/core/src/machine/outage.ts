/* Keeps the book of outages: from the moment users see the service leave `closed` until they see it return. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import { publish, stay, type Step } from './effect.ts'
import { visibleCircuit } from './projection.ts'
import type { Rules } from './rules.ts'
import type { MachineState, Outage } from './state.ts'

const NO_EVIDENCE: ErrorSummary = { name: 'Unknown', message: 'no error was reported' }

/** Begins or ends the outage that the state calls for. Under `observe` the book stays as it is. */
export function settleOutage(state: MachineState, rules: Rules, now: number): Step {
  if (state.hold?.kind === 'observe') return stay(state)
  const isUp = visibleCircuit(state) === 'closed'
  if (isUp) return state.outage === undefined ? stay(state) : endOutage(state, state.outage, now)
  return state.outage === undefined ? beginOutage(state, rules, now) : stay(state)
}

/**
 * Says again that it is still going on. After a long silence of the process it says so once, not once per interval; the
 * intervals count from the outage's start, so that lateness does not add up.
 */
export function reportOutage(state: MachineState, rules: Rules, at: number): Step {
  const { outage } = state
  if (outage === undefined) return stay(state)
  const elapsedMs = (at - outage.since) % rules.outageLogIntervalMs
  const next: Outage = { ...outage, reportAt: at + rules.outageLogIntervalMs - elapsedMs }
  const failedOver = state.failover.name === 'failed-over' || state.failover.name === 'recovering'
  const { cause } = outage
  const error = outage.cause === 'hold' ? outage.error : (state.lastError ?? outage.error)
  const event = { type: 'outage-continues', cause, error, durationMs: at - outage.since, failedOver } as const
  return stay({ ...state, outage: next }, publish(event))
}

function beginOutage(state: MachineState, rules: Rules, now: number): Step {
  const { circuit, hold } = state
  const cause = hold?.kind === 'open' ? 'hold' : circuit.name === 'closed' ? 'ping' : circuit.cause
  const error = hold?.kind === 'open' ? holdSummary(hold.reason) : (state.lastError ?? NO_EVIDENCE)
  const outage: Outage = {
    since: now,
    cause,
    error,
    reportAt: now + rules.outageLogIntervalMs,
  }
  const failover = state.failover.name === 'idle' ? 'none' : 'started'
  return stay({ ...state, outage }, publish({ type: 'outage-began', cause, error, failover }))
}

function holdSummary(reason: string | undefined): ErrorSummary {
  return { name: 'Hold', message: reason === undefined ? 'held open by an operator' : `held open: ${reason}` }
}

function endOutage(state: MachineState, outage: Outage, now: number): Step {
  const event = { type: 'outage-ended', durationMs: now - outage.since } as const
  return stay({ ...state, outage: undefined }, publish(event))
}
