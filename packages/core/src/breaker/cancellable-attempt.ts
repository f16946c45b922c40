import type { Account } from './account.ts'
import { Attempt } from './attempt.ts'
import type { Gate } from './gate.ts'
import type { AnyFunction } from './manner.ts'

/** An attempt whose work is given a signal, and whose caller may have one too. */
export class CancellableAttempt extends Attempt {
  readonly #callerSignal: AbortSignal | undefined
  #controller: AbortController | undefined
  #abortReason: unknown

  constructor(
    gate: Gate,
    account: Account,
    timeoutMs: number | undefined,
    callerSignal: AbortSignal | undefined,
  ) {
    super(gate, account, timeoutMs)
    this.#callerSignal = callerSignal
  }

  /** Aborted at the call's deadline, and with the caller's own. Made when it is first looked at. */
  get signal(): AbortSignal {
    if (this.#callerSignal !== undefined && this.timeoutMs === undefined) return this.#callerSignal
    this.#controller ??= this.#makeController()
    return this.#controller.signal
  }

  /** A caller's `AbortSignal.timeout()` gives nothing up: the call took too long. */
  protected override get isGivenUp(): boolean {
    const signal = this.#callerSignal
    return signal?.aborted === true && !isTimeout(signal.reason)
  }

  protected override get isRaced(): boolean {
    return this.#callerSignal !== undefined || super.isRaced
  }

  /** Its caller may give up while the work is still being started. */
  override start(fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    if (this.#callerSignal !== undefined) this.gate.callerSignals.add(this.#callerSignal, this)
    return super.start(fn, self, args)
  }

  protected override enlist(): void {
    super.enlist()
    if (this.#callerSignal?.aborted === true) this.abort(this.#callerSignal.reason)
  }

  protected override leave(): void {
    super.leave()
    if (this.#callerSignal !== undefined) this.gate.callerSignals.remove(this.#callerSignal, this)
  }

  #makeController(): AbortController {
    const controller = new AbortController()
    const reason: unknown = this.#abortReason ?? this.#callerSignal?.reason
    if (reason !== undefined) controller.abort(reason)
    return controller
  }

  protected override cut(reason: unknown): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}
