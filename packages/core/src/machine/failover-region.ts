/*
 * Decides when failover() and recover() run. Nothing in flight is cancelled by a change of mind: it settles, then the
 * opposite hook runs, so that successes of the two strictly alternate.
 */
import { ignore, publish, stay, type Step } from './effect.ts'
import { wantsDown } from './projection.ts'
import type { Deadline } from './region.ts'
import type { Rules } from './rules.ts'
import type { SignalOf } from './signal.ts'
import type { Failover, HookName, MachineState, RestingFailover, RunningFailover } from './state.ts'

type HookEnd = SignalOf<'hook-failed' | 'hook-timed-out'>

/** Starts the hook that the state calls for, if any. Asked after every signal. */
export function settleFailover(state: MachineState, rules: Rules): Step {
  const { failover } = state
  const mayStart = rules.hasFailover && state.hold?.kind !== 'observe'
  if (!mayStart || !isResting(failover) || isWaiting(failover)) return stay(state)
  const hook = neededHook(state, failover)
  return hook === undefined ? stay(state) : start(state, hook)
}

function neededHook(state: MachineState, { name, owesRecover }: RestingFailover): HookName | undefined {
  if (owesRecover === true) return 'recover'
  const down = wantsDown(state)
  if (name === 'failed-over') return down ? undefined : 'recover'
  return down && !isTrialRunning(state) ? 'failover' : undefined
}

export function handleHookFulfilled(state: MachineState, signal: SignalOf<'hook-fulfilled'>): Step {
  const { failover } = state
  if (!isCurrent(failover, signal)) return handleLateFulfilled(state, signal)
  return stay({ ...state, failover: { name: signal.hook === 'failover' ? 'failed-over' : 'idle' } })
}

/** The hook threw or timed out: what it was to leave stays, and it is tried again after `outageMs`. */
export function handleHookEnd(state: MachineState, signal: HookEnd, rules: Rules, now: number): Step {
  const { failover } = state
  if (!isCurrent(failover, signal)) return forgetUnsettled(state, signal)
  const { hook, attempt, error } = signal
  const unsettled =
    signal.type === 'hook-timed-out' ? { attempt, until: now + rules.hookTimeoutMs } : undefined
  const left = leftBy(failover, hook)
  const next: MachineState = { ...state, failover: { ...left, retryAt: now + rules.outageMs, unsettled } }
  const failed = publish({ type: `${hook}-failed`, error, attempt })
  return hook === 'failover' ? stay(next, { type: 'undo-failover' }, failed) : stay(next, failed)
}

/** Where a hook that failed leaves its region: where it began, unless an earlier attempt did the work after all. */
function leftBy({ earlierFulfilled }: RunningFailover, hook: HookName): RestingFailover {
  if (hook === 'failover') return { name: 'idle', owesRecover: earlierFulfilled }
  return { name: earlierFulfilled === true ? 'idle' : 'failed-over' }
}

/** A hook that had timed out has done its work after all; its opposite must run, or the two would not alternate. */
function handleLateFulfilled(state: MachineState, signal: SignalOf<'hook-fulfilled'>): Step {
  const failover = withoutUnsettled(state.failover, signal.attempt)
  switch (failover.name) {
    case 'idle':
      if (signal.hook === 'recover') break
      return stay({ ...state, failover: { ...failover, retryAt: undefined, owesRecover: true } })
    case 'failed-over':
      if (signal.hook === 'failover') break
      return stay({ ...state, failover: { ...failover, retryAt: undefined, name: 'idle' } })
    case 'failing-over':
    case 'recovering':
      if (signal.hook !== hookOf(failover)) break
      return stay({ ...state, failover: { ...failover, earlierFulfilled: true } })
  }
  return ignore({ ...state, failover })
}

/** A hook that had timed out has failed at last: the next one need not wait for it any more. */
function forgetUnsettled(state: MachineState, { attempt }: HookEnd): Step {
  const failover = withoutUnsettled(state.failover, attempt)
  return failover === state.failover ? ignore(state) : stay({ ...state, failover })
}

function withoutUnsettled(failover: Failover, attempt: number): Failover {
  const isAwaited = isResting(failover) && failover.unsettled?.attempt === attempt
  return isAwaited ? { ...failover, unsettled: undefined } : failover
}

/** When a hook may be tried again, and when one that has timed out is no longer waited for. */
export function hookDeadlines({ failover }: MachineState): readonly Deadline[] {
  if (!isResting(failover)) return []
  const { retryAt, unsettled } = failover
  return [
    ...(retryAt === undefined ? [] : [{ at: retryAt, pass: pass('retryAt') }]),
    ...(unsettled === undefined ? [] : [{ at: unsettled.until, pass: pass('unsettled') }]),
  ]
}

function pass(what: 'retryAt' | 'unsettled'): Deadline['pass'] {
  return (state) => stay({ ...state, failover: { ...state.failover, [what]: undefined } })
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

function hookOf(failover: RunningFailover): HookName {
  return failover.name === 'failing-over' ? 'failover' : 'recover'
}

function isCurrent(
  failover: Failover,
  signal: { hook: HookName; attempt: number },
): failover is RunningFailover {
  return !isResting(failover) && hookOf(failover) === signal.hook && failover.attempt === signal.attempt
}
