import { FailoverError, type HoldKind, type HoldOptions } from '@failover/core'
import pg from 'pg'
import type { PoolClient, PoolConfig } from 'pg'
import { Checkout } from './checkout.ts'
import type { PoolCore } from './pool-core.ts'
import { readStatement, settle } from './statement.ts'

type ConnectCallback = (
  error: Error | undefined,
  client?: PoolClient,
  release?: PoolClient['release'],
) => void
type EndCallback = () => void

/**
 * A `pg.Pool` - for `instanceof`, for query builders, and in every form of its calls - whose connections go to the best
 * of several targets. Made by `createFailoverPool`.
 */
export class FailoverPool extends pg.Pool {
  /** Kept by minifiers: query builders look for "Pool" in the name of the class. */
  static override readonly name = 'FailoverPool'
  readonly #core: PoolCore
  #ending: Promise<void> | undefined

  constructor(core: PoolCore, options: PoolConfig) {
    super(options)
    this.#core = core
    core.forwardTo((event, args) => {
      // An `error` event that nobody listens to would end the process.
      if (event !== 'error' || this.listenerCount('error') > 0) this.#tell(event, args as [Error, PoolClient])
    })
  }

  /**
   * What pg's types have as properties and overloads cannot be overridden in TypeScript's own syntax, so it is put on the
   * prototype by hand; callers see pg's own types.
   */
  static {
    const counter = (
      key: 'totalCount' | 'idleCount' | 'waitingCount' | 'expiredCount',
    ): PropertyDescriptor => ({
      configurable: true,
      get(this: FailoverPool): number {
        return this.#core.count(key)
      },
    })
    const method = (value: (this: FailoverPool, ...args: unknown[]) => unknown): PropertyDescriptor => ({
      configurable: true,
      writable: true,
      value,
    })
    Object.defineProperties(this.prototype, {
      totalCount: counter('totalCount'),
      idleCount: counter('idleCount'),
      waitingCount: counter('waitingCount'),
      expiredCount: counter('expiredCount'),
      query: method(function query(...args) {
        return this.#query(...args)
      }),
      connect: method(function connect(callback) {
        return this.#connect(callback as ConnectCallback | undefined)
      }),
      end: method(function end(callback) {
        return this.#end(callback as EndCallback | undefined)
      }),
    })
  }

  /** Name of the target that new work goes to. */
  get activeTarget(): string {
    return this.#core.group.active.name
  }

  /** What is known of each target. */
  get targets(): readonly TargetReport[] {
    return this.#core.group.targets.map(({ name, tier, circuit, hold, role, load }) => ({
      name,
      tier,
      circuit,
      hold,
      role,
      load,
    }))
  }

  /**
   * Keeps work away from a target (`open`), or sends it there whatever its pings say (`closed`), until `unhold`.
   *
   * @throws ServiceError `ERR_UNKNOWN_SERVICE`
   */
  hold(target: string, kind: HoldKind, options?: HoldOptions): void {
    this.#core.hold(target, kind, options)
  }

  /** @throws ServiceError `ERR_UNKNOWN_SERVICE` */
  unhold(target: string): void {
    this.#core.unhold(target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #query(...[query, values, callback]: unknown[]): unknown {
    const statement = readStatement(query, values, callback)
    return settle(this.#refusal() ?? this.#core.runner.run(statement), statement.callback)
  }

  #connect(callback: ConnectCallback | undefined): unknown {
    const checkout = this.#refusal() ?? this.#checkOut()
    if (callback === undefined) return checkout
    return settle(checkout, (error, client) => callback(error, client, client?.release ?? (() => {})))
  }

  /** Ends the pools that were made here, and the monitor if it is the pool's own. Ending again is fine. */
  #end(callback: EndCallback | undefined): unknown {
    Object.assign(this, { ending: true })
    this.#ending ??= this.#core.end().then(() => void Object.assign(this, { ended: true }))
    return settle(this.#ending, callback)
  }

  /** A listener that throws is the application's trouble, but must not cost the pool a connection. */
  #tell(event: string, args: [Error, PoolClient]): void {
    try {
      this.emit(event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  async #checkOut(): Promise<PoolClient> {
    return new Checkout(this.#core.runner, await this.#core.runner.lease()).client
  }

  #refusal(): Promise<never> | undefined {
    if (!this.ending) return undefined
    return Promise.reject(
      new FailoverError('ERR_POOL_ENDED', 'Cannot use a pool after calling end on the pool'),
    )
  }
}

export interface TargetReport {
  readonly name: string
  readonly tier: number
  readonly circuit: 'closed' | 'open' | 'half-open'
  readonly hold: HoldKind | 'none'
  readonly role: 'writer' | 'reader' | 'unknown'
  /** Statements that run on it now. */
  readonly load: number
}
