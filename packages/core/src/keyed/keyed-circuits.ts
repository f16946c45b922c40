import { EventHub } from '../events/event-hub.ts'
import { IdleList } from './idle-list.ts'
import { KeyedCircuit } from './keyed-circuit.ts'
import { KeyedEntry } from './keyed-entry.ts'
import type { KeyedConfig } from './keyed-options.ts'
import { KeyPlans, type KeyPlan } from './key-plan.ts'

/**
 * The circuits of the keys: made when they are first needed, dropped when there are too many. Those that may be dropped
 * stand apart, in the order of their last use, so that one is found at once however many others there are.
 */
export class KeyedCircuits {
  readonly events: EventHub
  readonly #config: KeyedConfig
  readonly #nameOf: (key: string) => string
  readonly #plans: KeyPlans
  readonly #entries = new Map<string, KeyedEntry>()
  /** Those that may be dropped. */
  readonly #idle = new IdleList<KeyedEntry>()
  /** Held for a time. */
  readonly #lapsing = new Set<KeyedEntry>()
  /** No hold ends by itself before that. */
  #lapseAt = Infinity
  /** What calls without a circuit go by. */
  readonly #loose = new Map<KeyPlan, KeyedEntry>()
  #isClosed = false

  constructor(config: KeyedConfig, nameOf: (key: string) => string) {
    this.#config = config
    this.#nameOf = nameOf
    this.#plans = new KeyPlans(config)
    this.events = new EventHub(config.clock, warnOfListener)
  }

  get size(): number {
    return this.#entries.size
  }

  keys(): MapIterator<string> {
    return this.#entries.keys()
  }

  get(key: string): KeyedEntry | undefined {
    return this.#entries.get(key)
  }

  /** @returns undefined if there is no room for a circuit of the key */
  take(key: string): KeyedEntry | undefined {
    if (this.#isClosed) return undefined
    const entry = this.#entries.get(key) ?? (this.#makeRoom() ? this.add(key) : undefined)
    if (entry === undefined) return undefined
    entry.uses += 1
    this.#idle.remove(entry)
    return entry
  }

  giveBack(entry: KeyedEntry): void {
    entry.uses -= 1
    this.review(entry)
  }

  /** Makes a circuit, whether there is room or not. */
  add(key: string): KeyedEntry {
    const plan = this.#plans.of(key)
    const entry = new KeyedEntry(key, this.#circuitOf(this.#nameOf(key), plan), plan.config, plan)
    this.#entries.set(key, entry)
    return entry
  }

  /** What a call goes by for whose key there is no room. It is nobody's, and never opens. */
  takeLoose(key: string): KeyedEntry {
    const plan = this.#plans.of(key)
    const entry = this.#loose.get(plan) ?? this.#addLoose(plan)
    entry.uses += 1
    return entry
  }

  /** Puts it where it belongs, after its last use or a change of its hold. */
  review(entry: KeyedEntry): void {
    this.#idle.remove(entry)
    if (this.#entries.get(entry.key) !== entry) return
    if (entry.isIdle) this.#idle.add(entry)
    const { heldUntil } = entry
    if (heldUntil === 0 || heldUntil === Infinity) this.#lapsing.delete(entry)
    else this.#awaitLapse(entry, heldUntil)
  }

  /** Somebody has begun to listen, or has stopped: events that time alone causes are told, or not. */
  watchTime(): void {
    for (const { circuit } of this.#entries.values()) circuit.watchTime()
  }

  /** From now on calls pass, by loose entries that let everything pass. */
  close(): void {
    this.#isClosed = true
    for (const { breaker } of [...this.#entries.values(), ...this.#loose.values()]) breaker.close()
    this.#entries.clear()
    this.#idle.clear()
    this.#lapsing.clear()
    this.events.clear()
  }

  #addLoose(plan: KeyPlan): KeyedEntry {
    const entry = new KeyedEntry('', this.#circuitOf(this.#config.name, plan), plan.looseConfig, plan)
    this.#loose.set(plan, entry)
    return entry
  }

  #circuitOf(name: string, { rules, isEnabled }: KeyPlan): KeyedCircuit {
    return new KeyedCircuit(name, this.#config.clock, rules, isEnabled && !this.#isClosed, this.events)
  }

  /** Holds are made whether there is room or not, so there may be more than one to drop. */
  #makeRoom(): boolean {
    const { maxKeys } = this.#config
    if (this.#entries.size >= maxKeys) this.#reviewHolds()
    while (this.#entries.size >= maxKeys) {
      const { first } = this.#idle
      if (first === undefined) return false
      this.#drop(first)
    }
    return true
  }

  #drop(entry: KeyedEntry): void {
    this.#entries.delete(entry.key)
    this.#idle.remove(entry)
    this.#lapsing.delete(entry)
    entry.circuit.close()
  }

  #awaitLapse(entry: KeyedEntry, heldUntil: number): void {
    this.#lapsing.add(entry)
    this.#lapseAt = Math.min(this.#lapseAt, heldUntil)
  }

  /** Holds end by themselves, and nobody says so. Looked at when one has ended, and not with every call. */
  #reviewHolds(): void {
    if (this.#config.clock.now() < this.#lapseAt) return
    this.#lapseAt = Infinity
    for (const entry of [...this.#lapsing]) this.review(entry)
  }
}

function warnOfListener(type: string): void {
  process.emitWarning(`a listener of ${type} failed`, 'FailoverWarning')
}
