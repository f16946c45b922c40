import { matchesOutageErrors } from './adapter/outage-errors.ts'
import { toGateConfig, type CircuitBreakerOptions } from './breaker/breaker-options.ts'
import { consecutiveFailures } from './breaker/consecutive-failures.ts'
import { Gate } from './breaker/gate.ts'
import { LinkedCircuit } from './breaker/linked-circuit.ts'
import type { AnyFunction } from './breaker/manner.ts'
import { checkLone, CircuitBreaker, loneCircuit } from './circuit-breaker.ts'
import type { Clock } from './clock/clock.ts'
import { FAILFAST_OPEN_MS } from './defaults.ts'
import { describeError } from './adapter/describe-error.ts'
import { checkOutageErrors, type OutageError } from './options/monitor-options.ts'
import { callable, knownKeys, record } from './options/validate.ts'
import type { StateStore } from './store/state-store.ts'

type Decorator<F extends AnyFunction> = (method: F, context: ClassMethodDecoratorContext) => F

export interface FailfastOptions {
  /** What it is called in errors, and in the store. Default: the name of the function or method. */
  name?: string
  /** For how long the function is not called after it has failed. Default: 300 000. */
  openMs?: number
  /** Which errors count: classes, codes or predicates. Default: all but `AbortError`. */
  errors?: readonly OutageError[]
  /** Where circuits are shared: functions of one name and one store fail together. Default: each has its own. */
  store?: StateStore
  /** If not, the function is called as if nothing were there, and no store is asked. Default: true. */
  enabled?: boolean
  clock?: Clock
}

/**
 * The function, but once it has failed it fails fast: it is not called again for `openMs`, and everybody gets a
 * `CircuitOpenError` at once. After that one call is let through; if it succeeds all is as before. Its errors, results,
 * `this`, name and length are its own. Without a function it is a decorator for methods, with one circuit per method.
 *
 * @throws InvalidOptionError
 */
export function failfast<F extends AnyFunction>(fn: F, options?: FailfastOptions): F
export function failfast(
  options?: FailfastOptions,
): <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext) => F
export function failfast<F extends AnyFunction>(
  first: F | FailfastOptions = {},
  options?: FailfastOptions,
): F | Decorator<F> {
  if (typeof first === 'function') return guardedBy(first, first.name, options ?? {})
  if (options !== undefined) callable('fn', first)
  knownKeys('failfast', record('options of failfast', first), KEYS)
  return (method: F, { name }: ClassMethodDecoratorContext) => guardedBy(method, String(name), first)
}

const KEYS = ['name', 'openMs', 'errors', 'store', 'enabled', 'clock']

function guardedBy<F extends AnyFunction>(fn: F, ownName: string, options: FailfastOptions): F {
  knownKeys('failfast', record('options of failfast', options), KEYS)
  const { name = ownName, openMs = FAILFAST_OPEN_MS, errors, store, enabled, clock } = options
  // The ancestor's mark always lasts as long: the open time does not grow.
  const breaker = {
    name,
    openMs,
    longestOpenMs: openMs,
    enabled,
    clock,
    tripRule: consecutiveFailures(1),
    isFailure: errors && countingOnly(checkOutageErrors('errors', errors)),
  }
  return (store === undefined ? new CircuitBreaker(breaker) : sharedBreaker(breaker, store)).wrap(fn)
}

function countingOnly(errors: readonly OutageError[]): (error: unknown) => boolean {
  return (error) => matchesOutageErrors(error, errors)
}

/** Errors go to the store: they are described in full, and redacted. */
function sharedBreaker(options: CircuitBreakerOptions, store: StateStore): CircuitBreaker {
  checkStore(store)
  checkLone(options)
  const circuit = loneCircuit(options, LinkedCircuit)
  const gate = new Gate(circuit, toGateConfig(options, describeError))
  circuit.link(store, (error) => warn(options.name, error))
  return new CircuitBreaker(options, { circuit, gate })
}

function checkStore(store: unknown): void {
  const given = record('store', store)
  for (const method of ['read', 'commit']) callable(`store.${method}`, given[method])
}

function warn(name: string, error: unknown): void {
  const { message } = describeError(error)
  process.emitWarning(`${name} goes on alone, its state store failed: ${message}`, 'FailoverWarning')
}
