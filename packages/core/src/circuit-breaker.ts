import {
  checkBreakerOptions,
  clockOf,
  isEnabled,
  LONE_RULES,
  toGateConfig,
  withBreakerRules,
  type CircuitBreakerOptions,
} from './breaker/breaker-options.ts'
import { briefError } from './breaker/brief-error.ts'
import type { CallContext } from './breaker/call-context.ts'
import { Gate } from './breaker/gate.ts'
import type { GateCounts } from './breaker/gate-counts.ts'
import { callGuarded, guard } from './breaker/guarded-call.ts'
import { LoneCircuit } from './breaker/lone-circuit.ts'
import { Manners, type AnyFunction } from './breaker/manner.ts'
import { AccountPermit, type Permit } from './breaker/permit.ts'
import { firstState } from './breaker/restore.ts'
import { runGuarded, type RunOptions } from './breaker/run-guarded.ts'
import { wrapCallback } from './breaker/wrap-callback.ts'
import type { FailoverEventOf, FailoverEventType } from './events/events.ts'
import { projectedCircuit } from './machine/projection.ts'
import { toSnapshot, type CircuitSnapshot } from './machine/snapshot.ts'
import type { CircuitName, HoldKind } from './machine/state.ts'
import { readHold, type HoldOptions } from './options/hold-options.ts'
import { callable, name, oneOf } from './options/validate.ts'
import type { Circuit } from './circuit/circuit.ts'

/** What an operator says, without the credentials of a URL. */
function operatorsText(text: string): string {
  return text
    .slice(0, LONGEST_TEXT)
    .replace(/\/\/\S*@/g, '//***@')
    .replace(LABELLED, '$1***')
}

const LONGEST_TEXT = 240
const LABELLED = /((?:key|pass\w*|pwd|secret|token)\s?[=:]\s?)\S+/gi

/** The circuit that a breaker guards, and how to listen to it and leave it. */
export interface GuardedCircuit extends Circuit {
  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void
  /** The breaker is closed for good, and nobody else needs the circuit. */
  close?(): void
}

/**
 * Guards calls: counts how they end, refuses them for a while when too many fail, and lets single ones through to see
 * whether things are well again. By itself it has its own circuit; `monitor.breaker(name)` makes one that shares the
 * circuit of a monitored service.
 */
export class CircuitBreaker {
  readonly #circuit: GuardedCircuit
  readonly #gate: Gate
  /** How the functions that were called by `call` answered. */
  #manners: Manners | undefined

  /**
   * @throws InvalidOptionError, ContradictoryOptionsError
   */
  constructor(
    options: CircuitBreakerOptions,
    bound?: { readonly circuit: GuardedCircuit; readonly gate: Gate },
  ) {
    if (bound === undefined) checkLone(options)
    this.#circuit = bound?.circuit ?? loneCircuit(options, LoneCircuit)
    this.#gate = bound?.gate ?? new Gate(this.#circuit, toGateConfig(options, briefError))
  }

  get name(): string {
    return this.#circuit.name
  }

  /** Truthful without a call: `half-open` as soon as the next call would be a trial, `closed` where calls pass untouched. */
  get state(): CircuitName {
    if (this.#gate.isPassing) return 'closed'
    const { stateNow, rules, clock } = this.#circuit
    return projectedCircuit(stateNow, rules, clock.now())
  }

  /** What became of calls that were not simply made. */
  get counts(): Readonly<GateCounts> {
    return { ...this.#gate.counts }
  }

  /**
   * Runs work that can be cancelled. A call whose time is up, or whose caller gives up, ends at once, whatever the work
   * does with its signal.
   *
   * @throws CircuitOpenError if it is refused, CallTimeoutError if its time is up, the caller's reason if that gave up
   */
  run<T>(work: (context: CallContext) => T, options?: RunOptions): Promise<Awaited<T>> {
    return runGuarded(this.#gate, work, options) as Promise<Awaited<T>>
  }

  /** Calls a function once. @throws CircuitOpenError, or rejects with it: as this function last answered, or else the first one that was called */
  call<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R
  call(fn: AnyFunction, ...args: unknown[]): unknown {
    callable('fn', fn)
    this.#manners ??= new Manners()
    return callGuarded(this.#gate, fn, args, this.#manners.of(fn))
  }

  /**
   * The same function, guarded: with its type, `this`, name, length, and its manner of answering. A refusal is a
   * rejection where it last answered with a promise, and thrown where it did not.
   */
  wrap<F extends AnyFunction>(fn: F): F {
    callable('fn', fn)
    return dressedAs(fn, guard(this.#gate, fn, { isAsync: false }))
  }

  /** The same function, guarded, for functions whose last argument is a callback `(error, ...results)`. */
  wrapCallback<F extends AnyFunction>(fn: F): F {
    callable('fn', fn)
    return dressedAs(fn, wrapCallback(this.#gate, fn))
  }

  /**
   * The right to make one call, for code that cannot be wrapped. Settle it when the call ends; in half-open one that is
   * not settled in time counts as failed.
   *
   * @returns undefined if the call is refused
   */
  tryAcquire(): Permit | undefined {
    const account = this.#gate.leanRound ?? this.#gate.admit()
    return account && new AccountPermit(account, this.#gate.startTime)
  }

  /**
   * An operator's decision, that automatics never remove: `open` refuses calls, `closed` lets them pass, `observe` lets
   * them pass and counts what would have been refused.
   *
   * @throws InvalidOptionError
   */
  hold(kind: HoldKind, options: HoldOptions = {}): void {
    const checked = oneOf('hold', kind, ['open', 'closed', 'observe'])
    this.#circuit.dispatch({
      type: 'held',
      hold: readHold(checked, options, this.#circuit.clock, operatorsText),
    })
  }

  /** Ends a hold: what the evidence says counts again. */
  unhold(): void {
    this.#circuit.dispatch({ type: 'unheld' })
  }

  /** The circuit as plain data, to be stored as JSON and given to a later breaker as its `snapshot`. */
  snapshot(): CircuitSnapshot {
    const { stateNow, clock } = this.#circuit
    return toSnapshot(stateNow, clock.now(), clock.wallNow())
  }

  /**
   * Calls `listener` after each event of a type. A listener that throws changes nothing.
   *
   * @returns a function that stops listening
   */
  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    return this.#circuit.on(type, listener)
  }

  /** From now on calls pass untouched. The service of a monitor goes on being monitored. */
  close(): void {
    this.#gate.close()
    this.#circuit.close?.()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function checkLone(options: CircuitBreakerOptions): void {
  checkBreakerOptions('CircuitBreaker', options)
  name('name', options.name)
}

/** A circuit of its own, with nothing to ping and nothing to fail over. */
export function loneCircuit<C extends LoneCircuit>(
  options: CircuitBreakerOptions,
  Type: new (...parts: ConstructorParameters<typeof LoneCircuit>) => C,
): C {
  const clock = clockOf(options)
  const rules = withBreakerRules(LONE_RULES, options)
  return new Type(options.name, clock, rules, firstState(options.snapshot, rules, clock), isEnabled(options))
}

/** With name, length and whatever else the function bears: clients that can be called have methods too. */
function dressedAs<F extends AnyFunction>(fn: F, guarded: (this: unknown, ...args: unknown[]) => unknown): F {
  for (const key of Reflect.ownKeys(fn)) {
    const property = Reflect.getOwnPropertyDescriptor(fn, key)
    // What `util.promisify` would be given there is the function without its guard.
    if (property !== undefined && key !== 'prototype' && key !== PROMISIFY)
      Reflect.defineProperty(guarded, key, property)
  }
  return guarded as unknown as F
}

const PROMISIFY = Symbol.for('nodejs.util.promisify.custom')
