/* Drives the machine in the words of its domain, through `transition` alone. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { Effect, MachineEvent } from './effect.ts'
import { projectedCircuit, visibleCircuit } from './projection.ts'
import type { Rules } from './rules.ts'
import type { Signal } from './signal.ts'
import { initialState, type Hold, type HoldKind, type HookName, type MachineState } from './state.ts'
import { transition } from './transition.ts'

export const refused: ErrorSummary = { name: 'Error', code: 'ECONNREFUSED', message: 'connection refused' }
export const reset: ErrorSummary = { name: 'Error', code: 'ECONNRESET', message: 'connection reset' }

/** Every duration differs from every other, so that a mix-up shows. */
export const testRules: Rules = {
  failuresToOpen: 1,
  successesToClose: 1,
  monitoringMs: 120_000,
  outageMs: 30_000,
  errorMs: 5_000,
  openMs: 60_000,
  longestOpenMs: 200_000,
  bindsFirstOpening: false,
  trials: 1,
  trialTimeoutMs: 20_000,
  hookTimeoutMs: 10_000,
  outageLogIntervalMs: 3_600_000,
  hasPing: true,
  hasFailover: false,
}

export const withHooks = { hasFailover: true }
export const withoutPing = { hasPing: false }

export function drive(changes: Partial<Rules> = {}): Drive {
  return new Drive({ ...testRules, ...changes })
}

const pings = {
  good: { type: 'ping-succeeded' },
  failed: { type: 'ping-failed', error: refused },
  inconclusive: { type: 'ping-inconclusive', error: refused, counts: true },
  starved: { type: 'ping-inconclusive', error: refused, counts: false },
  misconfigured: { type: 'ping-misconfigured', error: refused },
} as const satisfies Record<string, Signal>

type Ping = keyof typeof pings
type Published = MachineEvent['type']

export class Drive {
  readonly rules: Rules
  readonly published: MachineEvent[] = []
  state: MachineState
  /** What the last signal asked for. */
  effects: readonly Effect[] = []
  now = 0
  #generation = 0
  #trial = 0
  #hook: { hook: HookName; attempt: number } = { hook: 'failover', attempt: 0 }

  constructor(rules: Rules) {
    this.rules = rules
    this.state = initialState(rules.openMs, 0)
  }

  /** The clock moves; nobody says so. */
  at(ms: number): this {
    this.now = ms
    return this
  }

  signal(signal: Signal): this {
    const { state, effects } = transition(this.state, signal, this.rules, this.now)
    this.state = state
    this.effects = effects
    for (const effect of effects) this.#note(effect)
    return this
  }

  ping(...results: Ping[]): this {
    for (const result of results) this.signal(pings[result])
    return this
  }

  timePasses(): this {
    return this.signal({ type: 'time-passed' })
  }

  call(): this {
    return this.signal({ type: 'call' })
  }

  trip(generation = this.state.generation): this {
    return this.signal({ type: 'calls-tripped', generation, error: reset })
  }

  /** The end of the latest trial, unless another one is named. */
  trial(end: 'succeeded' | 'ignored' | 'failed', trial = this.#trial): this {
    return this.signal({ type: `trial-${end}`, generation: this.#generation, trial, error: reset })
  }

  /** The end of the latest hook, unless another one is named. */
  hook(end: 'fulfilled' | 'failed' | 'timed-out', which = this.#hook): this {
    return this.signal({ type: `hook-${end}`, ...which, error: reset })
  }

  hold(kind: HoldKind, more: Partial<Hold> = {}): this {
    return this.signal({ type: 'held', hold: { kind, ...more } })
  }

  unhold(): this {
    return this.signal({ type: 'unheld' })
  }

  get circuit(): string {
    return this.state.circuit.name
  }

  get visible(): string {
    return visibleCircuit(this.state)
  }

  get projected(): string {
    return projectedCircuit(this.state, this.rules, this.now)
  }

  get failover(): string {
    return this.state.failover.name
  }

  /** The latest hook that was asked for. */
  get latestHook(): { hook: HookName; attempt: number } {
    return this.#hook
  }

  get latestTrial(): number {
    return this.#trial
  }

  get asked(): string[] {
    return this.effects.map(({ type }) => type).filter((type) => type !== 'publish')
  }

  /** What the last signal told listeners. */
  get told(): Published[] {
    return this.effects.flatMap((effect) => (effect.type === 'publish' ? [effect.event.type] : []))
  }

  events<T extends Published>(type: T): Extract<MachineEvent, { type: T }>[] {
    return this.published.filter((event): event is Extract<MachineEvent, { type: T }> => event.type === type)
  }

  get edges(): string[] {
    return this.events('circuit-changed').map(({ from, to }) => `${from} -> ${to}`)
  }

  #note(effect: Effect): void {
    if (effect.type === 'publish') this.published.push(effect.event)
    if (effect.type === 'run-failover') this.#hook = { hook: 'failover', attempt: effect.attempt }
    if (effect.type === 'run-recover') this.#hook = { hook: 'recover', attempt: effect.attempt }
    if (effect.type !== 'admit') return
    this.#generation = effect.generation
    this.#trial = effect.trial ?? this.#trial
  }
}
