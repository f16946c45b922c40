import type { Gate } from './gate.ts'
import { failureResult, isFailure, isFailureResult, slowness } from './judge.ts'

/** What the caller is to make of an outcome; only a `failure` asks for the fallback. */
export type Outcome = 'success' | 'failure' | 'ignored'

/** Where the outcome of a call is booked: with its round, with its trial, or nowhere. */
export abstract class Account {
  protected readonly gate: Gate

  constructor(gate: Gate) {
    this.gate = gate
  }

  /** A call returned. */
  settle(result: unknown, startedAt: number | undefined): Outcome {
    if (!isFailureResult(this.gate, result)) {
      this.succeed(startedAt)
      return 'success'
    }
    this.failed(failureResult(result), result)
    return 'failure'
  }

  /** A call returned, and what it returned is not judged. */
  succeed(startedAt: number | undefined): void {
    const slow = startedAt === undefined ? undefined : slowness(this.gate, startedAt)
    if (slow === undefined) this.succeeded()
    else this.failed(slow, undefined)
  }

  /** A call threw, or timed out. */
  reject(error: unknown, isOwnTimeout = false): Outcome {
    if (!isFailure(this.gate, error, isOwnTimeout)) {
      this.ignore()
      return 'ignored'
    }
    this.failed(error, error)
    return 'failure'
  }

  /** The call says nothing. */
  abstract ignore(): void
  protected abstract succeeded(): void
  /** @param subject the error or the result: what may say for how long the upstream is to be left alone */
  protected abstract failed(error: unknown, subject: unknown): void
}

/** The call does not reach the service itself, or belongs to another call: nothing is booked. */
export class IdleAccount extends Account {
  override ignore(): void {}
  protected override succeeded(): void {}
  protected override failed(): void {}
}
