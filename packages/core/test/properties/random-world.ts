/* A machine in surroundings that behave at random: pings, calls, trials, hooks and operators, in any order, at any time. */
import fc from 'fast-check'
import { nextDeadline } from '../../src/machine/deadlines.ts'
import { hookDeadlines } from '../../src/machine/failover-region.ts'
import type { MachineEvent } from '../../src/machine/effect.ts'
import { pingIntervalMs, projectedCircuit } from '../../src/machine/projection.ts'
import type { Rules } from '../../src/machine/rules.ts'
import type { Signal } from '../../src/machine/signal.ts'
import { initialState, type MachineState } from '../../src/machine/state.ts'
import { transition } from '../../src/machine/transition.ts'
import { checkStep, claim, eventsOf } from './invariants.ts'
import { error, runningHook, tickRules, type RunningHook } from './world.ts'

const someTime = fc.integer({ min: 0, max: 40 })
const duration = fc.integer({ min: 1, max: 30 })
const count = fc.integer({ min: 1, max: 3 })

export const anyRules: fc.Arbitrary<Rules> = fc
  .record({
    failuresToOpen: count,
    successesToClose: count,
    monitoringMs: someTime,
    outageMs: someTime,
    errorMs: someTime,
    openMs: duration,
    longestOpenMs: fc.integer({ min: 30, max: 90 }),
    bindsFirstOpening: fc.boolean(),
    trials: count,
    trialTimeoutMs: duration,
    hookTimeoutMs: duration,
    outageLogIntervalMs: fc.integer({ min: 1, max: 200 }),
    hasPing: fc.boolean(),
    hasFailover: fc.boolean(),
  })
  .map((rules): Rules => ({ ...tickRules, ...rules, hasFailover: rules.hasFailover && rules.hasPing }))

const happenings = [
  'time-passed',
  'ping-succeeded',
  'ping-failed',
  'ping-inconclusive',
  'ping-misconfigured',
  'call',
  'trip',
  'trial-succeeded',
  'trial-ignored',
  'trial-failed',
  'hook-fulfilled',
  'hook-failed',
  'hook-timed-out',
  'abandoned-fulfilled',
  'abandoned-failed',
  'held',
  'unheld',
] as const

export interface Happening {
  readonly what: (typeof happenings)[number]
  readonly after: number
  /** Chooses among trials, holds and the like. */
  readonly choice: number
}

export const anyStory: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    what: fc.constantFrom(...happenings),
    after: fc.oneof(fc.constant(0), fc.constant(1), someTime),
    choice: fc.nat({ max: 11 }),
  }),
  { maxLength: 150, size: 'max' },
)

export class RandomWorld {
  readonly rules: Rules
  readonly events: MachineEvent[] = []
  state: MachineState
  now = 0
  #abandoned: RunningHook | undefined
  #isApplied = false

  constructor(rules: Rules) {
    this.rules = rules
    this.state = initialState(rules.openMs, 0)
  }

  live(story: readonly Happening[]): this {
    for (const happening of story) this.#happen(happening)
    return this
  }

  #happen(happening: Happening): void {
    this.now += happening.after
    // A hook's end must find the hook that runs now, and a hold what stands before it; the rest may come late.
    if (/hook|abandoned|held/.test(happening.what)) this.send({ type: 'time-passed' })
    const signal = this.#signalOf(happening)
    if (signal !== undefined) this.send(signal)
  }

  send(signal: Signal): void {
    deepFreeze(this.state)
    this.#noteHooks(signal)
    const { rules, now, state: before } = this
    const step = transition(before, deepFreeze(signal), rules, now)
    checkStep({ before, signal, rules, now, ...step, isApplied: this.#isApplied })
    this.state = step.state
    this.events.push(...eventsOf(step.effects))
    this.#read()
  }

  #noteHooks(signal: Signal): void {
    if (signal.type === 'hook-timed-out') this.#abandoned = { hook: signal.hook, attempt: signal.attempt }
    if (signal.type === 'hook-fulfilled') this.#isApplied = signal.hook === 'failover'
    const hasSettled = signal.type === 'hook-fulfilled' || signal.type === 'hook-failed'
    if (hasSettled && signal.attempt === this.#abandoned?.attempt) this.#abandoned = undefined
  }

  /** The state is frozen, so reading it twice alike is all there is to see. */
  #read(): void {
    const { rules, now } = this
    const state = deepFreeze(this.state)
    const read = (): unknown[] => [
      projectedCircuit(state, rules, now),
      pingIntervalMs(state, rules),
      nextDeadline(state, hookDeadlines(state))?.at,
    ]
    const [first, second] = [read(), read()]
    claim(JSON.stringify(first) === JSON.stringify(second), 'reading changes nothing', {
      before: state,
      signal: { type: 'time-passed' },
      rules,
      now,
      state,
      effects: [],
    })
  }

  #signalOf({ what, choice }: Happening): Signal | undefined {
    const { generation } = this.state
    switch (what) {
      case 'time-passed':
      case 'call':
      case 'unheld':
        return { type: what }
      case 'ping-succeeded':
        return this.rules.hasPing ? { type: what } : undefined
      case 'ping-failed':
      case 'ping-misconfigured':
        return this.rules.hasPing ? { type: what, error } : undefined
      case 'ping-inconclusive':
        return this.rules.hasPing ? { type: what, error, counts: choice % 4 !== 0 } : undefined
      case 'trip':
        return { type: 'calls-tripped', generation: generation - (choice % 3 === 0 ? 1 : 0), error }
      case 'held':
        return { type: what, hold: this.#holdOf(choice) }
      case 'trial-succeeded':
      case 'trial-ignored':
      case 'trial-failed':
        return { type: what, generation, trial: this.#trialOf(choice), error }
      default:
        return this.#hookEndOf(what)
    }
  }

  #holdOf(choice: number): Extract<Signal, { type: 'held' }>['hold'] {
    const kind = (['open', 'closed', 'observe'] as const)[choice % 3] ?? 'open'
    return choice < 6 ? { kind } : { kind, expiresAt: this.now + 1 + choice * 4 }
  }

  #trialOf(choice: number): number {
    const { circuit } = this.state
    const trials = circuit.name === 'half-open' ? circuit.trials : []
    return trials[choice % 4]?.id ?? 0
  }

  #hookEndOf(what: string): Signal | undefined {
    const which = what.startsWith('hook') ? runningHook(this.state) : this.#abandoned
    if (which === undefined) return undefined
    if (what.endsWith('fulfilled')) return { type: 'hook-fulfilled', ...which }
    if (what.endsWith('failed')) return { type: 'hook-failed', ...which, error }
    return this.#abandoned === undefined ? { type: 'hook-timed-out', ...which, error } : undefined
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
