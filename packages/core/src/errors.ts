import { briefText } from './brief-text.ts'

/** Stable, documented in docs/errors.md; a code never changes its meaning. */
export type FailoverErrorCode =
  | 'ERR_INVALID_OPTION'
  | 'ERR_CONTRADICTORY_OPTIONS'
  | 'ERR_UNKNOWN_SERVICE'
  | 'ERR_SERVICE_NAME_TAKEN'
  | 'ERR_SERVICE_SPECIFIER'
  | 'ERR_SERVICE_MODULE'
  | 'ERR_SERVICE_EXPORT'
  | 'ERR_SERVICE_KIND'
  | 'ERR_SERVICE_CONSTRUCTOR'
  | 'ERR_MONITOR_CLOSED'
  | 'ERR_MISCONFIGURED'
  | 'ERR_PING_FAILED'
  | 'ERR_PING_TIMEOUT'
  | 'ERR_HOOK_TIMEOUT'
  | 'ERR_CONTEXT_EXPIRED'
  | 'ERR_CIRCUIT_OPEN'
  | 'ERR_CALL_TIMEOUT'
  | 'ERR_STORE_TIMEOUT'
  | 'ERR_ACQUIRE_TIMEOUT'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_OUTCOME_UNKNOWN'
  | 'ERR_POOL_ENDED'

export const FAILOVER_ERROR = Symbol.for('@failover/error')

/**
 * Base of every error that the library makes. Recognised by a brand on the global symbol registry, so that two copies
 * of the package in one process (ESM beside CommonJS, two versions) still know each other's errors.
 */
export class FailoverError extends Error {
  static override readonly name: string = 'FailoverError'
  readonly code: FailoverErrorCode
  declare readonly [FAILOVER_ERROR]: string

  constructor(code: FailoverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Asked for rarely, and errors are made often: both are found out when they are read. */
  static {
    Object.defineProperties(this.prototype, {
      name: { get: nameOf, set: rename, configurable: true },
      [FAILOVER_ERROR]: { get: lineage },
    })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brandOf(value).includes(`/${this.name}/`)
  }
}

function nameOf(this: FailoverError): string {
  return this.constructor.name
}

function rename(this: FailoverError, value: unknown): void {
  Object.defineProperty(this, 'name', { value, configurable: true, writable: true })
}

function lineage(this: FailoverError): string {
  let names = '/'
  for (
    let next: unknown = this.constructor;
    typeof next === 'function' && next !== Error;
    next = Object.getPrototypeOf(next)
  )
    names += `${next.name}/`
  return names
}

/** A Proxy that throws when it is read has no brand: `instanceof` must be safe for whatever was thrown. */
function brandOf(value: object): string {
  try {
    const brand: unknown = Reflect.get(value, FAILOVER_ERROR)
    return typeof brand === 'string' ? brand : ''
  } catch {
    return ''
  }
}

/** An option is missing or out of range. The message names the option, what is accepted and what was got. */
export class InvalidOptionError extends FailoverError {
  static override readonly name = 'InvalidOptionError'
  readonly option: string

  constructor(option: string, expected: string, got: unknown) {
    super('ERR_INVALID_OPTION', `${option} must be ${expected}; got ${describeValue(got)}`)
    this.option = option
  }
}

/** Options that are each fine cannot work together. */
export class ContradictoryOptionsError extends FailoverError {
  static override readonly name = 'ContradictoryOptionsError'

  constructor(message: string) {
    super('ERR_CONTRADICTORY_OPTIONS', message)
  }
}

/** Registration, or a call that names a service, went wrong. */
export class ServiceError extends FailoverError {
  static override readonly name = 'ServiceError'
}

/**
 * Thrown by a ping to say that the question was wrong, not the answer: bad credentials, no such database. It is
 * reported loudly and never fails anything over.
 */
export class MisconfiguredError extends FailoverError {
  static override readonly name = 'MisconfiguredError'

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_MISCONFIGURED', message, options)
  }
}

/** A ping that the library made itself found the service down, or had no answer within its deadline. */
export class PingError extends FailoverError {
  static override readonly name = 'PingError'
}

/** `failover()` or `recover()` did not settle in time, or wrote after its time had passed. */
export class HookError extends FailoverError {
  static override readonly name = 'HookError'
}

/** Nothing was tried: an operator, or the evidence, keeps callers away from the service. */
export class CircuitOpenError extends FailoverError {
  static override readonly name = 'CircuitOpenError'
  readonly service: string
  /** The earliest time, in milliseconds from now, at which another answer is possible. */
  readonly retryAfterMs: number

  constructor(service: string, retryAfterMs: number, options?: ErrorOptions) {
    super(
      'ERR_CIRCUIT_OPEN',
      `${service} is not available; try again in ${Math.ceil(retryAfterMs)} ms`,
      options,
    )
    this.service = service
    this.retryAfterMs = retryAfterMs
  }
}

/** A guarded call took longer than its `timeoutMs`; its signal was aborted, and what it may still answer is dropped. */
export class CallTimeoutError extends FailoverError {
  static override readonly name = 'CallTimeoutError'
  readonly service: string
  readonly timeoutMs: number

  constructor(service: string, timeoutMs: number) {
    super('ERR_CALL_TIMEOUT', `a call to ${service} took longer than ${timeoutMs} ms`)
    this.service = service
    this.timeoutMs = timeoutMs
  }
}

/** A state store did not answer in time; the process goes on alone. Callers never see it. */
export class StoreError extends FailoverError {
  static override readonly name = 'StoreError'

  constructor(circuit: string, timeoutMs: number) {
    super('ERR_STORE_TIMEOUT', `the state store did not answer for ${circuit} within ${timeoutMs} ms`)
  }
}

/**
 * No connection in time, and nothing was sent: the pool is too small, or connections are not given back, or the target
 * does not answer and there is no other.
 */
export class AcquireTimeoutError extends FailoverError {
  static override readonly name = 'AcquireTimeoutError'

  constructor(target: string, timeoutMs: number, options?: ErrorOptions) {
    super('ERR_ACQUIRE_TIMEOUT', `no connection to ${target} within ${timeoutMs} ms`, options)
  }
}

/** The connection was lost while a statement, or a transaction, was under way. It was not repeated: that might not be safe. */
export class ConnectionLostError extends FailoverError {
  static override readonly name = 'ConnectionLostError'
  readonly target: string
  /** Whether the work took effect: `no` inside a transaction (the server rolls it back), else `maybe`. */
  readonly executed: 'no' | 'maybe'

  constructor(target: string, executed: 'no' | 'maybe', options?: ErrorOptions) {
    const what = executed === 'no' ? 'the transaction was rolled back' : 'the statement may have taken effect'
    super('ERR_CONNECTION_LOST', `the connection to ${target} was lost; ${what}`, options)
    this.target = target
    this.executed = executed
  }
}

/** The connection was lost during COMMIT: the transaction may have been committed or not. Ask before you repeat it. */
export class OutcomeUnknownError extends FailoverError {
  static override readonly name = 'OutcomeUnknownError'
  readonly target: string

  constructor(target: string, options?: ErrorOptions) {
    super(
      'ERR_OUTCOME_UNKNOWN',
      `the connection to ${target} was lost during COMMIT; its outcome is not known`,
      options,
    )
    this.target = target
  }
}

const LONGEST_VALUE = 80

/** What was got, short enough for a message and without credentials. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'bigint' ? `${value}n` : String(value).slice(0, LONGEST_VALUE)
}

function quoted(value: string): string {
  const shown = briefText(value).slice(0, LONGEST_VALUE)
  return shown === value ? `"${shown}"` : `"${shown}…"`
}
