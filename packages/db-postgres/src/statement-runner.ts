import { AcquireTimeoutError, ConnectionLostError, OutcomeUnknownError } from '@failover/core'
import {
  DeadlineQueue,
  runOnTargets,
  TargetLostError,
  type Failure,
  type Outcome,
  type PoolMode,
  type Target,
  type TargetGroup,
} from '@failover/core/adapter'
import type { Pool, QueryResult } from 'pg'
import type { Answered, CheckoutPool } from './checkout.ts'
import { classifyPostgresError, isWeakPostgresError, wasNeverSent } from './classify-error.ts'
import { acquire, type AcquireDeadlines, type Lease } from './lease.ts'
import type { Statement } from './statement.ts'

export interface StatementRunnerOptions {
  readonly group: TargetGroup
  readonly mode: PoolMode
  readonly acquireTimeoutMs: number
  readonly poolOf: (target: Target) => Pool
  /** Whether sessions on this target cannot write. */
  readonly isReadOnly: (target: Target) => boolean
}

/** Runs statements on targets: knows what was sent, what may run again, and what to tell the caller if it may not. */
export class StatementRunner implements CheckoutPool {
  readonly #options: StatementRunnerOptions
  readonly #deadlines: DeadlineQueue<Parameters<AcquireDeadlines['add']>[0]>

  constructor(options: StatementRunnerOptions) {
    this.#options = options
    const { acquireTimeoutMs } = options
    this.#deadlines = new DeadlineQueue(options.group.clock, acquireTimeoutMs, ({ target, fail }) =>
      fail(new AcquireTimeoutError(target.name, acquireTimeoutMs)),
    )
  }

  /** Runs one statement wherever it can. */
  async run(statement: Statement): Promise<QueryResult> {
    const { lease, result } = await this.#runAnywhere(statement)
    lease.release()
    return result
  }

  /** A connection to the best target that gives one. Nothing was sent yet, so any may be tried. */
  lease(): Promise<Lease> {
    return runOnTargets(this.#options.group, {
      waitMs: this.#waitMs,
      attempt: async (target) => {
        const leased = await this.#acquire(target)
        return leased.ok ? { ok: true, value: leased.value } : leased
      },
    })
  }

  async runFirst(statement: Statement, lease: Lease): Promise<Answered> {
    const outcome = await this.#send(statement, lease)
    if (outcome.ok) return outcome.value
    return this.#runAnywhere(statement, { target: lease.target, failure: outcome })
  }

  async runOn(statement: Statement, lease: Lease): Promise<QueryResult> {
    const wasInTransaction = lease.isInTransaction
    try {
      return await lease.run(statement, false)
    } catch (error) {
      const verdict = this.#verdict(error)
      if (verdict === 'outage' || verdict === 'role') lease.target.noteTrouble()
      if (verdict !== 'outage' || isWeakPostgresError(error)) throw error
      throw lost(lease.target, statement, wasInTransaction, error)
    }
  }

  close(): void {
    this.#deadlines.clear()
  }

  /** A write waits for somebody to become the writer; a read has every target to turn to. */
  get #waitMs(): number {
    return this.#options.mode === 'write' ? this.#options.acquireTimeoutMs : 0
  }

  #runAnywhere(statement: Statement, after?: { target: Target; failure: Failure }): Promise<Answered> {
    return runOnTargets(this.#options.group, {
      waitMs: this.#waitMs,
      ...(after === undefined ? {} : { after }),
      attempt: async (target) => {
        const leased = await this.#acquire(target)
        if (!leased.ok) return leased
        const outcome = await this.#send(statement, leased.value)
        if (!outcome.ok) leased.value.release(outcome.cause)
        return outcome
      },
    })
  }

  async #acquire(target: Target): Promise<Outcome<Lease>> {
    const { group, poolOf } = this.#options
    const startedAt = group.clock.now()
    try {
      return { ok: true, value: await acquire(group, target, poolOf(target), this.#deadlines) }
    } catch (error) {
      return notAcquired(target, error, group.clock.now() - startedAt)
    }
  }

  async #send(statement: Statement, lease: Lease): Promise<Outcome<Answered> & { cause?: unknown }> {
    try {
      return {
        ok: true,
        value: { lease, result: await lease.run(statement, this.#mayRunTwice(statement, lease.target)) },
      }
    } catch (cause) {
      return { ...this.#failure(statement, lease.target, cause), cause }
    }
  }

  #failure(statement: Statement, target: Target, cause: unknown): Failure {
    const verdict = this.#verdict(cause)
    const isWeak = isWeakPostgresError(cause)
    const wasSent = verdict === 'outage' && !isWeak && !wasNeverSent(cause)
    const isUnsafe = wasSent && !this.#mayRunTwice(statement, target)
    const error = isUnsafe || cause instanceof TargetLostError ? lost(target, statement, false, cause) : cause
    return { ok: false, error, verdict, isWeak, mayRepeat: !isUnsafe && !statement.submitsItself }
  }

  /** In a read pool the session is read-only by our own wish: a write there is the application's error. */
  #verdict(cause: unknown): ReturnType<typeof classifyPostgresError> {
    const verdict = classifyPostgresError(cause)
    return verdict === 'role' && this.#options.mode === 'read' ? 'application' : verdict
  }

  #mayRunTwice(statement: Statement, target: Target): boolean {
    return statement.isIdempotent || statement.onlyBegins || this.#options.isReadOnly(target)
  }
}

/**
 * Nothing was sent, so it may run elsewhere - but not because the application holds every connection of a target that is
 * well. A target that has been asked since, and has not answered, is not well.
 */
function notAcquired(target: Target, cause: unknown, waitedMs: number): Failure {
  const isTimeout = cause instanceof AcquireTimeoutError || isWeakPostgresError(cause)
  const isLost = cause instanceof TargetLostError
  const ofTimeout = target.inDoubt ? 'outage' : 'saturated'
  return {
    ok: false,
    error: isLost ? new AcquireTimeoutError(target.name, Math.round(waitedMs), { cause }) : cause,
    verdict: isTimeout ? ofTimeout : classifyPostgresError(cause),
    isWeak: false,
    mayRepeat: true,
  }
}

function lost(target: Target, statement: Statement, wasInTransaction: boolean, cause: unknown): Error {
  if (statement.commits) return new OutcomeUnknownError(target.name, { cause })
  return new ConnectionLostError(target.name, wasInTransaction ? 'no' : 'maybe', { cause })
}
