import {
  isEnabled,
  LONE_RULES,
  toGateConfig,
  withBreakerRules,
  type BreakerOptions,
} from '../breaker/breaker-options.ts'
import { briefError } from '../breaker/brief-error.ts'
import type { GateConfig } from '../breaker/gate-config.ts'
import type { TripRule } from '../breaker/trip-rule.ts'
import type { Clock } from '../clock/clock.ts'
import type { Rules } from '../machine/rules.ts'
import type { KeyedConfig } from './keyed-options.ts'
import { CallEnds } from './keyed-gate.ts'

/** What the circuits of some keys go by. */
export interface KeyPlan {
  readonly rules: Rules
  readonly config: GateConfig
  /** The same for calls that have no circuit: they keep their time limit and their fallback, and open nothing. */
  readonly looseConfig: GateConfig
  readonly isEnabled: boolean
  readonly ends: CallEnds
}

/** Keys that match the same entries go by the same plan; it is made for the first of them. */
export class KeyPlans {
  readonly #config: KeyedConfig
  readonly #plans = new Map<string, KeyPlan>()

  constructor(config: KeyedConfig) {
    this.#config = config
  }

  of(key: string): KeyPlan {
    const matching = this.#config.keyRules.filter(({ matches }) => matches(key))
    const signature = matching.map((rule) => this.#config.keyRules.indexOf(rule)).join()
    const known = this.#plans.get(signature)
    if (known !== undefined) return known
    const plan = makePlan(mergeOptions([this.#config, ...matching]), this.#config.clock)
    this.#plans.set(signature, plan)
    return plan
  }
}

const NEVER: TripRule = Object.freeze({
  description: 'never',
  start: () => ({ succeeded: () => false, failed: () => false }),
})

function makePlan(options: BreakerOptions, clock: Clock): KeyPlan {
  return Object.freeze({
    rules: withBreakerRules(LONE_RULES, options),
    config: toGateConfig(options, briefError),
    looseConfig: toGateConfig({ ...options, tripRule: NEVER }, briefError),
    isEnabled: isEnabled(options),
    ends: new CallEnds(clock),
  })
}

/** Two entries, each fine by itself, may ask for an open time beyond the longest: then it is the longest. */
function mergeOptions(layers: readonly { readonly options: BreakerOptions }[]): BreakerOptions {
  const merged = layers.reduce<BreakerOptions>((under, { options }) => ({ ...under, ...options }), {})
  const { openMs = 0, longestOpenMs = Infinity } = merged
  return openMs > longestOpenMs ? { ...merged, longestOpenMs: openMs } : merged
}
