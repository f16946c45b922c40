import type { Account } from './account.ts'

/** The right to make one call. It is settled once; what is said after that changes nothing. */
export interface Permit {
  /** The call succeeded. */
  succeed(): void
  /** The call failed. Errors that do not count as failures, and this library's own, only give the permit back. */
  fail(error: unknown): void
  /** The call says nothing about the service: it was cancelled, or never made. */
  ignore(): void
}

/** Settles one call with its account, once. */
export class AccountPermit implements Permit {
  #account: Account | undefined
  readonly #startedAt: number | undefined

  constructor(account: Account, startedAt: number | undefined) {
    this.#account = account
    this.#startedAt = startedAt
  }

  succeed(): void {
    this.#take()?.succeed(this.#startedAt)
  }

  fail(error: unknown): void {
    this.#take()?.reject(error)
  }

  ignore(): void {
    this.#take()?.ignore()
  }

  #take(): Account | undefined {
    const account = this.#account
    this.#account = undefined
    return account
  }
}
