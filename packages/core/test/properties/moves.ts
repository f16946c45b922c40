/* Everything that can happen to a world: each signal, now or late, and each end of each hook. */
import type { Rules } from '../../src/machine/rules.ts'
import type { Signal } from '../../src/machine/signal.ts'
import type { HoldKind, MachineState, Trial } from '../../src/machine/state.ts'
import { transition } from '../../src/machine/transition.ts'
import { checkStep, claim } from './invariants.ts'
import { error, rebased, runningHook, type RunningHook, type World } from './world.ts'

export interface Move {
  readonly signal: Signal
  /** Ticks since the last signal. */
  readonly after: number
}

/** Late enough for every deadline to have passed. */
const LATE = 5

const good: Signal = { type: 'ping-succeeded' }
const failed: Signal = { type: 'ping-failed', error }
const undecided: readonly Signal[] = [
  { type: 'ping-inconclusive', error, counts: true },
  { type: 'ping-inconclusive', error, counts: false },
  { type: 'ping-misconfigured', error },
]

const holds: readonly Signal[] = [
  ...(['open', 'closed', 'observe'] as const).map(
    (kind: HoldKind) => ({ type: 'held', hold: { kind } }) as const,
  ),
  { type: 'held', hold: { kind: 'open', expiresAt: 1 } },
  { type: 'unheld' },
]

const shared: readonly Signal[] = [
  { type: 'shared-opened', error, openMs: 1, openings: 1, ageMs: 0 },
  { type: 'shared-opened', error, openMs: 2, openings: 2, ageMs: LATE },
  { type: 'shared-closed' },
]

const always: readonly Move[] = [
  { signal: { type: 'time-passed' }, after: 1 },
  { signal: { type: 'time-passed' }, after: LATE },
  { signal: { type: 'call' }, after: 0 },
  { signal: { type: 'call' }, after: LATE },
]

const pings: readonly Move[] = [
  ...atOnce([good, failed, ...undecided]),
  { signal: good, after: LATE },
  { signal: failed, after: LATE },
]

export function movesOf(world: World, rules: Rules, withHolds: boolean): Move[] {
  return [
    ...always,
    ...(rules.hasPing ? pings : []),
    ...(withHolds ? atOnce(holds) : []),
    ...(rules.hasPing ? [] : atOnce(shared)),
    ...atOnce(callOutcomes(world.state)),
    ...atOnce(hookEnds(world)),
  ]
}

function atOnce(signals: readonly Signal[]): Move[] {
  return signals.map((signal) => ({ signal, after: 0 }))
}

function callOutcomes({ circuit, generation }: MachineState): Signal[] {
  const trials = circuit.name === 'half-open' ? circuit.trials : []
  return [
    { type: 'calls-tripped', generation, error },
    ...trials.flatMap((trial) => trialEnds(trial, generation)),
  ]
}

function trialEnds({ id }: Trial, generation: number): Signal[] {
  return [
    { type: 'trial-succeeded', generation, trial: id },
    { type: 'trial-ignored', generation, trial: id },
    { type: 'trial-failed', generation, trial: id, error },
  ]
}

/** The hook that runs may fulfil, throw or time out; one that has timed out may still do the first two. */
function hookEnds({ state, abandoned }: World): Signal[] {
  const running = runningHook(state)
  return [
    ...(running === undefined ? [] : settlements(running)),
    ...(running === undefined || abandoned !== undefined
      ? []
      : [{ type: 'hook-timed-out', ...running, error } as const]),
    ...(abandoned === undefined ? [] : settlements(abandoned)),
  ]
}

function settlements(hook: RunningHook): Signal[] {
  return [
    { type: 'hook-fulfilled', ...hook },
    { type: 'hook-failed', ...hook, error },
  ]
}

/** What the world becomes; every invariant is checked on the way. */
export function play(world: World, { signal, after }: Move, rules: Rules): World {
  const step = transition(world.state, signal, rules, after)
  const next: World = {
    state: step.state,
    abandoned: abandonedAfter(world, signal),
    isApplied: signal.type === 'hook-fulfilled' ? signal.hook === 'failover' : world.isApplied,
  }
  checkStep({ before: world.state, signal, rules, now: after, ...step, isApplied: next.isApplied })
  return rebased(next, rules, after)
}

function abandonedAfter({ abandoned }: World, signal: Signal): RunningHook | undefined {
  if (signal.type === 'hook-timed-out') return { hook: signal.hook, attempt: signal.attempt }
  const hasSettled = signal.type === 'hook-fulfilled' || signal.type === 'hook-failed'
  return hasSettled && signal.attempt === abandoned?.attempt ? undefined : abandoned
}

/** Answers that come too late or from nowhere are counted; nothing else. */
export function checkStale({ state }: World, rules: Rules): void {
  const { generation } = state
  const stale: readonly Signal[] = [
    { type: 'calls-tripped', generation: generation - 1, error },
    ...trialEnds({ id: 0, deadline: 0 }, generation),
    { type: 'hook-failed', hook: 'failover', attempt: 0, error },
    { type: 'hook-failed', hook: 'recover', attempt: 0, error },
  ]
  const expected = JSON.stringify({ ...state, ignored: 1 })
  for (const signal of stale) {
    const step = transition(state, signal, rules, 0)
    const isIgnored = step.effects.length === 0 && JSON.stringify(step.state) === expected
    claim(isIgnored, 'a late answer moves nothing', { before: state, signal, rules, now: 0, ...step })
  }
}
