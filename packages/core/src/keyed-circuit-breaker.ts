import type { CallContext } from './breaker/call-context.ts'
import type { Permit } from './breaker/permit.ts'
import { runGuarded, type RunOptions } from './breaker/run-guarded.ts'
import { isThenable } from './breaker/thenable.ts'
import type { FailoverEventOf, FailoverEventType } from './events/events.ts'
import { KeyedCircuits } from './keyed/keyed-circuits.ts'
import type { KeyedEntry } from './keyed/keyed-entry.ts'
import {
  checkKey,
  readKeyedOptions,
  type KeyedCircuitBreakerOptions,
  type KeyedConfig,
} from './keyed/keyed-options.ts'
import { KeyedPermit } from './keyed/keyed-permit.ts'
import type { CircuitName, HoldKind } from './machine/state.ts'
import type { HoldOptions } from './options/hold-options.ts'

/**
 * Guards calls to many hosts or tenants: each key has a circuit of its own, which is made when it is first called.
 *
 * At most `maxKeys` circuits are kept. The least recently used one is dropped for a new one, if it is closed, nobody
 * holds it and nobody uses it; all others stay. Where none can be dropped, calls for further keys are neither counted
 * nor refused; their time limit and their fallback are all that they keep. That is warned of once.
 */
export class KeyedCircuitBreaker {
  readonly name: string
  readonly #config: KeyedConfig
  readonly #circuits: KeyedCircuits
  #unguarded = 0
  #isClosed = false

  /**
   * @param naming how the circuit of a key is called in errors and events. Default: `${name}/${key}`
   * @throws InvalidOptionError, ContradictoryOptionsError: also for what holds for some keys only
   */
  constructor(options: KeyedCircuitBreakerOptions, naming?: (key: string) => string) {
    this.#config = readKeyedOptions(options)
    const { name } = this.#config
    this.name = name
    this.#circuits = new KeyedCircuits(this.#config, naming ?? ((key) => `${name}/${printable(key)}`))
  }

  /** Circuits that are kept. Circuits that are held are kept also beyond `maxKeys`. */
  get size(): number {
    return this.#circuits.size
  }

  /** Calls that had no circuit, since the breaker was made. */
  get unguarded(): number {
    return this.#unguarded
  }

  /** The keys that have a circuit, in the order in which they got it. */
  keys(): IterableIterator<string> {
    return this.#circuits.keys()
  }

  /**
   * Truthful without a call, as the `state` of a CircuitBreaker. `closed` for a key that has no circuit.
   *
   * @throws InvalidOptionError
   */
  state(key: string): CircuitName {
    return this.#circuits.get(checkKey(key))?.breaker.state ?? 'closed'
  }

  /**
   * Runs work that can be cancelled, as `run` of a CircuitBreaker.
   *
   * @param args what a fallback is told of the call. Default: none
   * @throws (as a rejection) CircuitOpenError if it is refused, CallTimeoutError if its time is up, the caller's reason
   *   if that gave up, InvalidOptionError
   */
  async run<T>(
    key: string,
    work: (context: CallContext) => T,
    options?: RunOptions,
    args?: readonly unknown[],
  ): Promise<Awaited<T>> {
    const entry = this.#take(key)
    try {
      return (await runGuarded(entry.gate, work, options, args)) as Awaited<T>
    } finally {
      this.#circuits.giveBack(entry)
    }
  }

  /**
   * Calls a function once, as `call` of a CircuitBreaker.
   *
   * @throws CircuitOpenError (or rejects with it, if the last call for the key was answered by a promise)
   * @throws InvalidOptionError
   */
  call<A extends unknown[], R>(key: string, fn: (...args: A) => R, ...args: A): R
  call(key: string, fn: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    const entry = this.#take(key)
    let isPending = false
    try {
      const result = entry.breaker.call(fn, ...args)
      isPending = !entry.gate.isPassing && isThenable(result)
      return isPending ? this.#giveBackAfter(entry, result) : result
    } finally {
      if (!isPending) this.#circuits.giveBack(entry)
    }
  }

  /**
   * The right to make one call, as `tryAcquire` of a CircuitBreaker. Until it is settled the circuit of the key is in
   * use, and kept.
   *
   * @returns undefined if the call is refused
   * @throws InvalidOptionError
   */
  tryAcquire(key: string): Permit | undefined {
    const entry = this.#take(key)
    const permit = entry.breaker.tryAcquire()
    if (permit !== undefined) return new KeyedPermit(permit, () => this.#circuits.giveBack(entry))
    this.#circuits.giveBack(entry)
    return undefined
  }

  /**
   * An operator's decision for one key, as `hold` of a CircuitBreaker. There is always room for it.
   *
   * @throws InvalidOptionError
   */
  hold(key: string, kind: HoldKind, options?: HoldOptions): void {
    const known = this.#circuits.get(checkKey(key))
    if (this.#isClosed) return
    const entry = known ?? this.#circuits.add(key)
    try {
      entry.breaker.hold(kind, options)
    } finally {
      this.#circuits.review(entry)
    }
  }

  /** Ends a hold: what the evidence says counts again. @throws InvalidOptionError */
  unhold(key: string): void {
    const entry = this.#circuits.get(checkKey(key))
    if (entry === undefined) return
    entry.breaker.unhold()
    this.#circuits.review(entry)
  }

  /**
   * Calls `listener` after each event of a type, whatever its key: `event.service` tells the circuit. A listener that
   * throws changes nothing.
   *
   * @returns a function that stops listening
   */
  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    const stop = this.#circuits.events.on(type, listener)
    this.#circuits.watchTime()
    return () => {
      stop()
      this.#circuits.watchTime()
    }
  }

  /** From now on calls pass untouched, and no circuit is kept. */
  close(): void {
    this.#isClosed = true
    this.#circuits.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #take(key: string): KeyedEntry {
    const entry = this.#circuits.take(checkKey(key))
    if (entry !== undefined) return entry
    if (!this.#isClosed) this.#countUnguarded()
    return this.#circuits.takeLoose(key)
  }

  #countUnguarded(): void {
    this.#unguarded += 1
    if (this.#unguarded > 1) return
    process.emitWarning(
      `${this.name}: each of its ${this.#config.maxKeys} circuits is in use, held, or not closed; calls for further keys are not guarded`,
      'FailoverWarning',
    )
  }

  async #giveBackAfter(entry: KeyedEntry, result: unknown): Promise<unknown> {
    try {
      return await result
    } finally {
      this.#circuits.giveBack(entry)
    }
  }
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A key may come from anybody, and names end up in log lines. */
function printable(key: string): string {
  return key.replace(UNPRINTABLE, '\ufffd')
}
