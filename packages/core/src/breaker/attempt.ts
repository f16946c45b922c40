import { Timed } from '../clock/deadline-list.ts'
import { CallTimeoutError } from '../errors.ts'
import type { Account } from './account.ts'
import { fallBack } from './fallback.ts'
import type { Gate } from './gate.ts'
import type { AnyFunction } from './manner.ts'
import { isThenable } from './thenable.ts'
import { Trial } from './trial.ts'

/** One admitted call of which something has to be remembered: its time, its arguments, its trial. */
export class Attempt extends Timed {
  protected readonly gate: Gate
  protected readonly timeoutMs: number | undefined
  readonly #account: Account
  readonly #startedAt: number | undefined
  #args: readonly unknown[] | undefined
  /** There while somebody else than the work may end the call. */
  #resolve: ((value: unknown) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(gate: Gate, account: Account, timeoutMs: number | undefined) {
    super()
    this.gate = gate
    this.timeoutMs = timeoutMs
    this.#account = account
    this.#startedAt = gate.startTime
  }

  /**
   * Makes the call.
   *
   * @param args what the function is given, and the fallback is told
   * @returns what the function returns, or a promise of that
   */
  start(fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    this.#args = args
    let result: unknown
    try {
      result = this.#call(fn, self, args)
    } catch (error) {
      this.leave()
      return this.#failed(error)
    }
    if (isThenable(result)) return this.#follow(result instanceof Promise ? result : Promise.resolve(result))
    this.leave()
    return this.#returned(result)
  }

  /** Its time is up. What it may still answer is dropped. */
  override expire(): void {
    const error = new CallTimeoutError(this.gate.circuit.name, this.timeoutMs ?? 0)
    this.gate.counts.timedOut += 1
    this.cut(error)
    this.#end(() => this.#failed(error, true))
  }

  /** Its caller has given it up. */
  abort(reason: unknown): void {
    this.cut(reason)
    this.#end(() => this.#failed(reason))
  }

  /** Whether its caller has given it up: then its outcome says nothing. */
  protected get isGivenUp(): boolean {
    return false
  }

  /** Whether anybody but the work itself can end it. */
  protected get isRaced(): boolean {
    return this.timeoutMs !== undefined
  }

  /** It waits for its work from now on. */
  protected enlist(): void {
    if (this.timeoutMs !== undefined) this.gate.deadlines.add(this, this.timeoutMs)
  }

  /** It waits no more. */
  protected leave(): void {
    if (this.isListed) this.gate.deadlines.remove(this)
    if (this.#account instanceof Trial) this.gate.scope.leave()
  }

  /** It ends before its work does. */
  protected cut(_reason: unknown): void {}

  #call(fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    const account = this.#account
    if (!(account instanceof Trial)) return Reflect.apply(fn, self, args)
    return this.gate.scope.run(account, (): unknown => Reflect.apply(fn, self, args))
  }

  #follow(promise: Promise<unknown>): Promise<unknown> {
    if (!this.isRaced) return this.#await(promise)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.enlist()
      promise.then(
        (value) => this.#settle(value),
        (error: unknown) => this.#end(() => this.#failed(error)),
      )
    })
  }

  #await(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      (value) => {
        this.leave()
        return this.#returned(value)
      },
      (error: unknown) => {
        this.leave()
        return this.#failed(error)
      },
    )
  }

  /** The work has answered in time. Most calls end here, so nothing is made for it. */
  #settle(value: unknown): void {
    const resolve = this.#takeOver()
    try {
      resolve?.(this.#returned(value))
    } catch (error) {
      this.#reject?.(error)
    }
  }

  #end(outcome: () => unknown): void {
    const resolve = this.#takeOver()
    if (resolve === undefined) return
    try {
      resolve(outcome())
    } catch (error) {
      this.#reject?.(error)
    }
  }

  /** The first to come decides; for all others there is nothing left. */
  #takeOver(): ((value: unknown) => void) | undefined {
    const resolve = this.#resolve
    if (resolve === undefined) return undefined
    this.#resolve = undefined
    this.leave()
    return resolve
  }

  #returned(value: unknown): unknown {
    const outcome = this.#account.settle(value, this.#startedAt)
    const { fallback } = this.gate.config
    return outcome === 'failure' && fallback !== undefined ? this.#fallBack(undefined, value) : value
  }

  /** @throws what the call ended with, unless the fallback answers */
  #failed(error: unknown, isOwnTimeout = false): unknown {
    if (this.isGivenUp && !isOwnTimeout) this.#account.ignore()
    else if (this.#account.reject(error, isOwnTimeout) === 'failure') return this.#fallBack(error)
    throw error
  }

  #fallBack(error: unknown, result?: unknown): unknown {
    const { fallback } = this.gate.config
    if (fallback === undefined) throw error
    return fallBack(fallback, { error, result, args: this.#args ?? [] })
  }
}
