import { beforeAll, describe, expect, it } from 'vitest'
import { visibleCircuit } from '../../src/machine/projection.ts'
import type { Rules } from '../../src/machine/rules.ts'
import type { Signal } from '../../src/machine/signal.ts'
import { explore, stuckWorlds, type Course, type Exploration } from './explore.ts'
import type { Move } from './moves.ts'
import { error, runningHook, tickRules, type World } from './world.ts'

interface Space {
  readonly name: string
  readonly changes: Partial<Rules>
  readonly withHolds: boolean
  /** How many states there are at the least; fewer mean that something can no longer happen. */
  readonly atLeast: number
}

const spaces: readonly Space[] = [
  { name: 'ping and hooks, 1/1, holds', changes: {}, withHolds: true, atLeast: 30_000 },
  {
    name: 'ping and hooks, 2/2',
    changes: { failuresToOpen: 2, successesToClose: 2, trials: 2 },
    withHolds: false,
    atLeast: 10_000,
  },
  {
    name: 'ping, 2/2, holds',
    changes: { failuresToOpen: 2, successesToClose: 2, hasFailover: false },
    withHolds: true,
    atLeast: 2_000,
  },
  {
    name: 'ping, binding first opening, longer open times',
    changes: { hasFailover: false, bindsFirstOpening: true, openMs: 2, longestOpenMs: 8 },
    withHolds: false,
    atLeast: 1_500,
  },
  {
    name: 'no ping, 2 trials, holds',
    changes: { hasPing: false, hasFailover: false, trials: 2, successesToClose: 2 },
    withHolds: true,
    atLeast: 150,
  },
]

const MOST_STATES = 400_000

function settled({ state }: World): Signal[] {
  const running = runningHook(state)
  return [
    ...(state.hold === undefined ? [] : [{ type: 'unheld' } as const]),
    ...(running === undefined ? [] : [{ type: 'hook-fulfilled', ...running } as const]),
  ]
}

function inTurn(signals: readonly Signal[]): Move[] {
  return [...signals.map((signal) => ({ signal, after: 0 })), { signal: { type: 'time-passed' }, after: 1 }]
}

function trialOf({ circuit }: World['state']): number | undefined {
  return circuit.name === 'half-open' ? circuit.trials[0]?.id : undefined
}

/** Holds are taken off, hooks fulfil, pings or trials are good; a hook that had timed out never settles. */
function gettingWell(rules: Rules): Course {
  return (world) => {
    const { state } = world
    const isWell = visibleCircuit(state) === 'closed' && state.circuit.name === 'closed'
    if (isWell && state.hold === undefined) return undefined
    if (rules.hasPing) return inTurn([...settled(world), { type: 'ping-succeeded' }])
    const trial = trialOf(state)
    const generation = state.generation
    return inTurn([
      ...settled(world),
      trial === undefined ? { type: 'call' } : { type: 'trial-succeeded', generation, trial },
    ])
  }
}

/** The same with failed pings, or calls that fail. */
function fallingIll(rules: Rules): Course {
  return (world) => {
    const { state } = world
    const isDown = visibleCircuit(state) === 'open' && state.circuit.name === 'open'
    const isFailedOver = !rules.hasFailover || state.failover.name === 'failed-over'
    if (isDown && isFailedOver && state.hold === undefined) return undefined
    return inTurn([...settled(world), ...badEvidence(state, rules)])
  }
}

function badEvidence({ circuit, generation }: World['state'], rules: Rules): Signal[] {
  if (rules.hasPing) return [{ type: 'ping-failed', error }]
  if (circuit.name === 'closed') return [{ type: 'calls-tripped', generation, error }]
  const trial = circuit.name === 'half-open' ? circuit.trials[0]?.id : undefined
  return trial === undefined ? [{ type: 'call' }] : [{ type: 'trial-failed', generation, trial, error }]
}

describe.each(spaces)('every state that can be reached: $name', ({ changes, withHolds, atLeast }) => {
  const rules: Rules = { ...tickRules, ...changes }
  let exploration: Exploration = { worlds: new Map(), steps: 0 }

  beforeAll(() => {
    exploration = explore(rules, withHolds, MOST_STATES)
  }, 60_000)

  it('is reached by legal steps alone, and every signal has an answer in it', () => {
    const { worlds, steps } = exploration
    console.info(`${worlds.size} states, ${steps} steps`)
    expect(worlds.size).toBeGreaterThan(atLeast)
  })

  it('leads to closed and idle once all goes well', () => {
    expect(stuckWorlds(exploration.worlds, rules, gettingWell(rules)).slice(0, 3)).toEqual([])
  }, 60_000)

  it('leads to open, and failed over where there are hooks, once all goes ill', () => {
    expect(stuckWorlds(exploration.worlds, rules, fallingIll(rules)).slice(0, 3)).toEqual([])
  }, 60_000)
})
