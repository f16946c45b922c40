/*
 * The machine and what surrounds it, made finite: times are relative to now, numbers of attempts and trials are
 * renamed in order, and what no longer matters is forgotten. Two worlds with one key behave alike for ever.
 */
import type { ErrorSummary } from '../../src/adapter/describe-error.ts'
import type { Rules } from '../../src/machine/rules.ts'
import { initialState, type Circuit, type HookName, type MachineState } from '../../src/machine/state.ts'

export const error: ErrorSummary = { name: 'Error', code: 'ECONNREFUSED', message: 'connection refused' }

/** Never reached: the repetition of outages is explored elsewhere. */
const FAR = 1_000_000

/** All durations are a few ticks, so that every order of what they delimit occurs. */
export const tickRules: Rules = {
  failuresToOpen: 1,
  successesToClose: 1,
  monitoringMs: 1,
  outageMs: 1,
  errorMs: 1,
  openMs: 1,
  longestOpenMs: 2,
  bindsFirstOpening: false,
  trials: 1,
  trialTimeoutMs: 2,
  hookTimeoutMs: 2,
  outageLogIntervalMs: FAR,
  hasPing: true,
  hasFailover: true,
}

export interface RunningHook {
  readonly hook: HookName
  readonly attempt: number
}

export interface World {
  readonly state: MachineState
  /** A hook that has timed out and still runs; one at most. */
  readonly abandoned?: RunningHook | undefined
  /** Whether a `failover()` has succeeded since the last success of `recover()`. */
  readonly isApplied: boolean
}

export function firstWorld(rules: Rules): World {
  return { state: initialState(rules.openMs, 0), isApplied: false }
}

export function runningHook({ failover }: MachineState): RunningHook | undefined {
  if (!('attempt' in failover)) return undefined
  return { hook: failover.name === 'failing-over' ? 'failover' : 'recover', attempt: failover.attempt }
}

/** The same world, seen from `now` as 0. */
export function rebased({ state, abandoned, isApplied }: World, rules: Rules, now: number): World {
  const rename = renaming(state, abandoned)
  const openings = Math.min(state.openings, 1)
  return {
    abandoned: abandoned && { ...abandoned, attempt: rename(abandoned.attempt) },
    isApplied,
    state: {
      circuit: rebasedCircuit(state, now, rename),
      failover: rebasedFailover(state, now, rename),
      hold: state.hold && { kind: state.hold.kind, expiresAt: later(state.hold.expiresAt, now) },
      outage: state.outage && { since: 0, cause: 'ping', error, reportAt: FAR },
      generation: 1,
      openings,
      openMs: openings === 0 ? rules.openMs : state.openMs,
      inconclusiveRun: state.inconclusiveRun,
      lastPing: state.lastPing && { at: 0, result: state.lastPing.result },
      sequence: rename(Infinity),
      ignored: 0,
    },
  }
}

function renaming(state: MachineState, abandoned: RunningHook | undefined): (id: number) => number {
  const { circuit, failover } = state
  const trials = circuit.name === 'half-open' ? circuit.trials.map(({ id }) => id) : []
  const attempts = 'attempt' in failover ? [failover.attempt] : [failover.unsettled?.attempt ?? 0]
  const used = [...new Set([...trials, ...attempts, abandoned?.attempt ?? 0])].sort((a, b) => a - b)
  return (id) => (id === Infinity ? used.length + 1 : used.indexOf(id) + 1)
}

function later(at: number | undefined, now: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, at - now)
}

/** How long ago, as far as anybody asks. */
function ago(at: number, now: number, most: number): number {
  return -Math.min(now - at, most) || 0
}

function rebasedCircuit(
  { circuit, openings, openMs }: MachineState,
  now: number,
  rename: (id: number) => number,
): Circuit {
  switch (circuit.name) {
    case 'closed':
      return { ...circuit, since: openings === 0 ? 0 : ago(circuit.since, now, openMs) }
    case 'open':
      return {
        ...circuit,
        since: ago(circuit.since, now, circuit.minimumOpenMs),
        quietSince: ago(circuit.quietSince, now, openMs),
      }
    case 'half-open': {
      const trials = circuit.trials.map(({ id, deadline }) => ({ id: rename(id), deadline: deadline - now }))
      return { ...circuit, since: 0, trials }
    }
  }
}

function rebasedFailover(
  { failover }: MachineState,
  now: number,
  rename: (id: number) => number,
): MachineState['failover'] {
  if ('attempt' in failover) return { ...failover, attempt: rename(failover.attempt) }
  const { unsettled } = failover
  return {
    ...failover,
    retryAt: later(failover.retryAt, now),
    unsettled: unsettled && { attempt: rename(unsettled.attempt), until: unsettled.until - now },
  }
}
