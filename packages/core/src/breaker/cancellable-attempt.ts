import type { Account } from './account.ts'
import { Attempt } from './attempt.ts'
import type { Gate } from './gate.ts'

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
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  protected override get isGivenUp(): boolean {
    return this.#callerSignal?.aborted === true
  }

  protected override get isRaced(): boolean {
    return this.#callerSignal !== undefined || super.isRaced
  }

  protected override enlist(): void {
    super.enlist()
    if (this.#callerSignal !== undefined) this.gate.callerSignals.add(this.#callerSignal, this)
  }

  protected override leave(): void {
    super.leave()
    if (this.#callerSignal !== undefined) this.gate.callerSignals.remove(this.#callerSignal, this)
  }

  protected override cut(reason: unknown): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }
}
