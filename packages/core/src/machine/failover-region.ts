/*
 * Decides when failover() and recover() run. Nothing in flight is cancelled by a change of mind: it settles, then the
 * opposite hook runs, so that successes of the two strictly alternate.
 */
import { ignore, publish, stay, type Step } from './effect.ts'
import { wantsDown } from './projection.ts'
import type { Rules } from './rules.ts'
import type { SignalOf } from './signal.ts'
import type { Failover, HookName, MachineState, RestingFailover } from './state.ts'

type HookEnd = SignalOf<'hook-failed' | 'hook-timed-out'>

/** Starts the hook that the state calls for, if any. Asked after every signal. */
export function settleFailover(state: MachineState, rules: Rules): Step {
  const { failover } = state
  const mayStart = rules.hasFailover && state.hold?.kind !== 'observe'
  if (!mayStart || !isResting(failover) || isWaiting(failover)) return stay(state)
  const down = wantsDown(state)
  if (failover.name === 'idle') return down && !isTrialRunning(state) ? start(state, 'failover') : stay(state)
  return down ? stay(state) : start(state, 'recover')
}

export function handleHookFulfilled(state: MachineState, signal: SignalOf<'hook-fulfilled'>): Step {
  const { failover } = state
  if (!isCurrent(failover, signal)) return handleLateFulfilled(state, signal.hook)
  return stay({ ...state, failover: { name: signal.hook === 'failover' ? 'failed-over' : 'idle' } })
}

/** The hook threw or timed out: what it was to leave stays, and it is tried again after `outageMs`. */
export function handleHookEnd(state: MachineState, signal: HookEnd, rules: Rules, now: number): Step {
  const { failover } = state
  if (!isCurrent(failover, signal)) return forgetUnsettled(state)
  const unsettled =
    signal.type === 'hook-timed-out' ? { hook: signal.hook, until: now + rules.hookTimeoutMs } : undefined
  const name = signal.hook === 'failover' ? 'idle' : 'failed-over'
  const next: MachineState = { ...state, failover: { name, retryAt: now + rules.outageMs, unsettled } }
  const failed = publish({ type: `${signal.hook}-failed`, error: signal.error, attempt: signal.attempt })
  return signal.hook === 'failover' ? stay(next, { type: 'undo-failover' }, failed) : stay(next, failed)
}

/** A hook that had timed out has done its work after all; its opposite must run, or the two would not alternate. */
function handleLateFulfilled(state: MachineState, hook: HookName): Step {
  const { failover } = state
  if (hook === 'failover' && failover.name === 'idle') return start(state, 'recover')
  if (hook === 'recover' && failover.name === 'failed-over')
    return stay({ ...state, failover: { name: 'idle' } })
  return ignore(state)
}

/** A hook that had timed out has failed at last: the next one need not wait for it any more. */
function forgetUnsettled(state: MachineState): Step {
  if (!isResting(state.failover) || state.failover.unsettled === undefined) return ignore(state)
  return stay({ ...state, failover: { ...state.failover, unsettled: undefined } })
}

function start(state: MachineState, hook: HookName): Step {
  const attempt = state.sequence + 1
  const name = hook === 'failover' ? 'failing-over' : 'recovering'
  return stay({ ...state, sequence: attempt, failover: { name, attempt } }, { type: `run-${hook}`, attempt })
}

function isResting(failover: Failover): failover is RestingFailover {
  return failover.name === 'idle' || failover.name === 'failed-over'
}

function isWaiting({ retryAt, unsettled }: RestingFailover): boolean {
  return retryAt !== undefined || unsettled !== undefined
}

function isTrialRunning({ circuit }: MachineState): boolean {
  return circuit.name === 'half-open' && circuit.trials.length > 0
}

function isCurrent(failover: Failover, signal: { hook: HookName; attempt: number }): boolean {
  const running = signal.hook === 'failover' ? 'failing-over' : 'recovering'
  return failover.name === running && 'attempt' in failover && failover.attempt === signal.attempt
}
