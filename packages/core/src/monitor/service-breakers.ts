import { describeError } from '../adapter/describe-error.ts'
import {
  checkBreakerOptions,
  toGateConfig,
  withBreakerRules,
  type BreakerOptions,
} from '../breaker/breaker-options.ts'
import { Gate } from '../breaker/gate.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { ContradictoryOptionsError } from '../errors.ts'
import type { ServiceShell } from './service-shell.ts'

interface Entry {
  readonly breaker: CircuitBreaker
  readonly gate: Gate
  readonly options: BreakerOptions
}

/** The breakers of monitored services: one for each, sharing its circuit. */
export class ServiceBreakers {
  readonly #entries = new Map<ServiceShell, Entry>()

  /**
   * @throws InvalidOptionError
   * @throws ContradictoryOptionsError if the service has a breaker with other options
   */
  of(shell: ServiceShell, options: BreakerOptions | undefined): CircuitBreaker {
    const entry = this.#entries.get(shell)
    if (entry === undefined) return this.#add(shell, options ?? {})
    if (options !== undefined) checkSame(shell.name, entry.options, options)
    return entry.breaker
  }

  /** The service is no longer monitored: calls pass. */
  forget(shell: ServiceShell): void {
    this.#entries.get(shell)?.gate.close()
    this.#entries.delete(shell)
  }

  close(): void {
    for (const shell of [...this.#entries.keys()]) this.forget(shell)
  }

  #add(shell: ServiceShell, options: BreakerOptions): CircuitBreaker {
    if (shell.config.hasHoldDown && options.openMs !== undefined)
      throw new ContradictoryOptionsError(
        `service "${shell.name}" has holdDownMs, which is its open time: leave openMs out`,
      )
    shell.rules = withBreakerRules(shell.rules, options)
    const gate = new Gate(shell, toGateConfig(options, describeError, judgementOf(shell)))
    if (options.enabled === false) gate.close()
    const breaker = new CircuitBreaker({ name: shell.name }, { circuit: shell, gate })
    this.#entries.set(shell, { breaker, gate, options: { ...options } })
    return breaker
  }
}

/** These belong to a breaker that has a circuit of its own. */
const NOT_HERE = ['name', 'clock', 'snapshot'] as const

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function checkServiceBreaker(name: string, options: BreakerOptions): void {
  checkBreakerOptions(`breaker "${name}"`, options, NOT_HERE)
}

/** A service that knows its errors also says which of them count. */
function judgementOf({ config }: ServiceShell): ((error: unknown) => boolean) | undefined {
  if (!config.hasOwnClassify) return undefined
  return (error) => {
    const verdict = config.classify(error)
    return verdict === 'outage' || verdict === 'role'
  }
}

function checkSame(name: string, first: BreakerOptions, second: BreakerOptions): void {
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]) as Set<keyof BreakerOptions>
  const other = [...keys].find((key) => !isSame(first[key], second[key]))
  if (other !== undefined)
    throw new ContradictoryOptionsError(
      `breaker "${name}" exists with another ${other}: give its options once, and ask for it by its name alone`,
    )
}

/** Two trip rules that say the same are the same. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || (isRule(one) && isRule(other) && one.description === other.description)
}

function isRule(value: unknown): value is { readonly description: string } {
  return typeof value === 'object' && value !== null && 'description' in value
}
