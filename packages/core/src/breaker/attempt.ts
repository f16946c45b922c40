import { Timed } from '../clock/deadline-list.ts'
import { CallTimeoutError } from '../errors.ts'
import type { Account } from './account.ts'
import { fallBack } from './fallback.ts'
import type { Gate } from './gate.ts'
import type { AnyFunction } from './guarded-call.ts'
import { isThenable } from './thenable.ts'
import { Trial } from './trial.ts'

/** One admitted call of which something has to be remembered: its time, its signal, its arguments, its trial. */
export class Attempt extends Timed {
  readonly #gate: Gate
  readonly #account: Account
  readonly #timeoutMs: number | undefined
  /** The caller's. */
  readonly #callerSignal: AbortSignal | undefined
  readonly #startedAt: number
  #args: ArrayLike<unknown> | undefined
  #controller: AbortController | undefined
  /** Why its signal is aborted. */
  #abortReason: unknown
  /** There while somebody else than the work may end the call. */
  #resolve: ((value: unknown) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(gate: Gate, account: Account, timeoutMs?: number, callerSignal?: AbortSignal) {
    super()
    this.#gate = gate
    this.#account = account
    this.#timeoutMs = timeoutMs
    this.#callerSignal = callerSignal
    this.#startedAt = gate.startTime
  }

  /** Aborted at the call's deadline, and with the caller's own. Made when it is first looked at. */
  get signal(): AbortSignal {
    if (this.#callerSignal !== undefined && this.#timeoutMs === undefined) return this.#callerSignal
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  /**
   * Makes the call.
   *
   * @param args what the function is given, and the fallback is told
   * @returns what the function returns, or a promise of that
   */
  start(fn: AnyFunction, self: unknown, args: ArrayLike<unknown>): unknown {
    this.#args = args
    let result: unknown
    try {
      result = this.#call(fn, self, args)
    } catch (error) {
      this.#leave()
      return this.#failed(error)
    }
    if (isThenable(result)) return this.#follow(result instanceof Promise ? result : Promise.resolve(result))
    this.#leave()
    return this.#returned(result)
  }

  /** Its time is up. What it may still answer is dropped. */
  override expire(): void {
    const error = new CallTimeoutError(this.#gate.circuit.name, this.#timeoutMs ?? 0)
    this.#gate.counts.timedOut += 1
    this.#cut(error, () => this.#failed(error, true))
  }

  /** Its caller has given it up. */
  abort(reason: unknown): void {
    this.#cut(reason, () => this.#failed(reason))
  }

  #call(fn: AnyFunction, self: unknown, args: ArrayLike<unknown>): unknown {
    const account = this.#account
    const call = (): unknown => Reflect.apply(fn, self, args)
    return account instanceof Trial ? this.#gate.scope.run(account, call) : call()
  }

  #follow(promise: Promise<unknown>): Promise<unknown> {
    if (this.#callerSignal === undefined && this.#timeoutMs === undefined) return this.#await(promise)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#enlist()
      promise.then(
        (value) => this.#settle(value),
        (error: unknown) => this.#end(() => this.#failed(error)),
      )
    })
  }

  /** Nobody but the work itself can end it. */
  #await(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      (value) => {
        this.#leave()
        return this.#returned(value)
      },
      (error: unknown) => {
        this.#leave()
        return this.#failed(error)
      },
    )
  }

  #cut(reason: unknown, outcome: () => unknown): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
    this.#end(outcome)
  }

  /** The work has answered. Most calls end here, so nothing is made for it. */
  #settle(value: unknown): void {
    const resolve = this.#resolve
    if (resolve === undefined) return
    this.#resolve = undefined
    this.#leave()
    try {
      resolve(this.#returned(value))
    } catch (error) {
      this.#reject?.(error)
    }
  }

  /** The first to come decides; the others are late. */
  #end(outcome: () => unknown): void {
    const resolve = this.#resolve
    if (resolve === undefined) return
    this.#resolve = undefined
    this.#leave()
    try {
      resolve(outcome())
    } catch (error) {
      this.#reject?.(error)
    }
  }

  #returned(value: unknown): unknown {
    const outcome = this.#account.settle(value, this.#startedAt)
    const { fallback } = this.#gate.config
    return outcome === 'failure' && fallback !== undefined ? this.#fallBack(undefined, value) : value
  }

  /** @throws what the call ended with, unless the fallback answers */
  #failed(error: unknown, isOwnTimeout = false): unknown {
    if (this.#callerSignal?.aborted === true && !isOwnTimeout) this.#account.ignore()
    else if (this.#account.reject(error, isOwnTimeout) === 'failure') return this.#fallBack(error)
    throw error
  }

  #fallBack(error: unknown, result?: unknown): unknown {
    const { fallback } = this.#gate.config
    if (fallback === undefined) throw error
    return fallBack(fallback, { error, result, args: Array.from(this.#args ?? []) })
  }

  #enlist(): void {
    if (this.#timeoutMs !== undefined) this.#gate.deadlines.add(this, this.#timeoutMs)
    if (this.#callerSignal !== undefined) this.#gate.callerSignals.add(this.#callerSignal, this)
  }

  #leave(): void {
    if (this.isListed) this.#gate.deadlines.remove(this)
    if (this.#callerSignal !== undefined) this.#gate.callerSignals.remove(this.#callerSignal, this)
    if (this.#account instanceof Trial) this.#gate.scope.leave()
  }
}
