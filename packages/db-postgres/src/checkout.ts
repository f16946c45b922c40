import type { EventEmitter } from 'node:events'
import type { PoolClient, QueryResult } from 'pg'
import { leavesSessionUsable } from './classify-error.ts'
import type { Lease } from './lease.ts'
import { readStatement, settle, type Statement } from './statement.ts'

/** A statement that ran, and the connection that it ran on. */
export interface Answered {
  readonly lease: Lease
  readonly result: QueryResult
}

/** What a checkout needs of its pool. */
export interface CheckoutPool {
  /** Runs the first statement of a checkout: on this connection, or on another one if this is lost and that is safe. */
  runFirst(statement: Statement, lease: Lease): Promise<Answered>
  /** Runs any other statement: on this connection, or not at all. */
  runOn(statement: Statement, lease: Lease): Promise<QueryResult>
}

type Listener = (...args: unknown[]) => void
const SUBSCRIBING = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'] as const

interface Subscription {
  readonly method: (typeof SUBSCRIBING)[number]
  readonly event: string | symbol
  readonly listener: Listener
}

/**
 * A client that an application has checked out. It stands for one connection, but for its first statement: that one may
 * move to another target as long as nothing else hangs on the connection - which is how query builders send every read.
 */
export class Checkout {
  readonly client: PoolClient
  readonly #pool: CheckoutPool
  /** What the application listens to on the connection; it goes on listening after a move. */
  readonly #subscriptions: Subscription[] = []
  #lease: Lease
  #hasRun = false
  /** While the first statement runs: then it is known which connection this is. */
  #settling: Promise<void> | undefined
  #isReleased = false
  /** An error after which the connection is not given to anybody else. */
  #taint: unknown

  constructor(pool: CheckoutPool, lease: Lease) {
    this.#pool = pool
    this.#lease = lease
    this.client = this.#facade()
  }

  readonly query = (query: unknown, values?: unknown, callback?: unknown): unknown => {
    const statement = readStatement(query, values, callback)
    if (statement.submitsItself) return this.#submit(statement)
    return settle(this.#run(statement), statement.callback)
  }

  readonly release = (error?: Error | boolean): void => {
    if (this.#isReleased)
      throw new Error('Release called on client which has already been released to the pool.')
    this.#isReleased = true
    this.#lease.release(error || this.#taint)
  }

  /** As pg does: what submits itself goes to the connection as it is, and tells its end by itself. */
  #submit(statement: Statement): unknown {
    this.#hasRun = true
    if (this.#settling === undefined) return this.#lease.submit(statement)
    void this.#settling.then(() => this.#lease.submit(statement))
    return statement.query
  }

  async #run(statement: Statement): Promise<QueryResult> {
    const isFirst = !this.#hasRun && !this.#lease.isInTransaction
    this.#hasRun = true
    if (this.#isReleased) throw new Error('query() came after release()')
    try {
      return await (isFirst ? this.#runFirst(statement) : this.#runNext(statement))
    } catch (error) {
      if (!leavesSessionUsable(error)) this.#taint ??= error
      throw error
    }
  }

  /** Set before the first `await`: statements that are sent in the same tick must wait as well. */
  async #runFirst(statement: Statement): Promise<QueryResult> {
    const running = this.#pool.runFirst(statement, this.#lease)
    const settled = (lease?: Lease): void => {
      if (lease !== undefined && lease !== this.#lease) this.#moveTo(lease)
      this.#settling = undefined
    }
    this.#settling = running.then(
      ({ lease }) => settled(lease),
      () => settled(),
    )
    return (await running).result
  }

  async #runNext(statement: Statement): Promise<QueryResult> {
    if (this.#settling !== undefined) await this.#settling
    return this.#pool.runOn(statement, this.#lease)
  }

  #moveTo(lease: Lease): void {
    const from = this.#lease
    const before: EventEmitter = from.client
    const after: EventEmitter = lease.client
    for (const { method, event, listener } of this.#subscriptions) {
      if (!before.listeners(event).includes(listener)) continue
      before.off(event, listener)
      after[method](event, listener)
    }
    this.#lease = lease
    from.release(true)
    if (this.#isReleased) lease.release()
  }

  /** Everything but `query` and `release` is the connection's own - whichever it is by now. */
  #facade(): PoolClient {
    const own = new Map<PropertyKey, unknown>([
      ['query', this.query],
      ['release', this.release],
    ])
    return new Proxy({} as PoolClient, {
      get: (_target, key, facade) => (own.has(key) ? own.get(key) : this.#member(key, facade)),
      // Applications wrap both, to find leaks: on the connection that would call itself.
      set: (_target, key, value) =>
        own.has(key) ? own.set(key, value) === own : Reflect.set(this.#lease.client, key, value),
      has: (_target, key) => Reflect.has(this.#lease.client, key),
      getPrototypeOf: () => Reflect.getPrototypeOf(this.#lease.client),
    })
  }

  /** Methods run on the connection; those that return it (as `on` does) return the facade. */
  #member(key: PropertyKey, facade: unknown): unknown {
    const { client } = this.#lease
    const value: unknown = Reflect.get(client, key)
    if (typeof value !== 'function' || key === 'constructor') return value
    return (...args: unknown[]): unknown => {
      this.#noteSubscription(key, args)
      const result: unknown = Reflect.apply(value, client, args)
      return result === client ? facade : result
    }
  }

  #noteSubscription(key: PropertyKey, [event, listener]: unknown[]): void {
    const method = SUBSCRIBING.find((name) => name === key)
    const mayMove = !this.#hasRun || this.#settling !== undefined
    if (method !== undefined && mayMove)
      this.#subscriptions.push({ method, event: event as string, listener: listener as Listener })
  }
}
