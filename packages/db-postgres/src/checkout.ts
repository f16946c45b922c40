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
const SUBSCRIBING: readonly PropertyKey[] = [
  'on',
  'once',
  'addListener',
  'prependListener',
  'prependOnceListener',
]

/**
 * A client that an application has checked out. It stands for one connection, but for its first statement: that one may
 * move to another target as long as nothing else hangs on the connection - which is how query builders send every read.
 */
export class Checkout {
  readonly client: PoolClient
  readonly #pool: CheckoutPool
  /** What the application listens to on the connection; it goes on listening after a move. */
  readonly #listeners: [event: string, listener: Listener][] = []
  #lease: Lease
  #hasRun = false
  #moving: Promise<unknown> | undefined
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
    return this.#lease.client.query(
      statement.query as never,
      statement.values as never,
      statement.callback as never,
    )
  }

  async #run(statement: Statement): Promise<QueryResult> {
    const isFirst = !this.#hasRun && !this.#lease.isInTransaction
    this.#hasRun = true
    await this.#moving
    if (this.#isReleased) throw new Error('query() came after release()')
    try {
      return await (isFirst ? this.#runFirst(statement) : this.#pool.runOn(statement, this.#lease))
    } catch (error) {
      if (!leavesSessionUsable(error)) this.#taint ??= error
      throw error
    }
  }

  /** Statements that come meanwhile wait until it is known which connection it ends up on. */
  async #runFirst(statement: Statement): Promise<QueryResult> {
    const running = this.#pool.runFirst(statement, this.#lease)
    this.#moving = running.catch(() => {})
    const { lease, result } = await running
    if (lease !== this.#lease) this.#moveTo(lease)
    return result
  }

  #moveTo(lease: Lease): void {
    const from = this.#lease
    for (const [event, listener] of this.#listeners) {
      if ((from.client.listeners(event as never) as Listener[]).includes(listener))
        lease.client.on(event as 'drain', listener)
    }
    this.#lease = lease
    from.release(true)
    if (this.#isReleased) lease.release()
  }

  /** Everything but `query` and `release` is the connection's own - whichever it is by now. */
  #facade(): PoolClient {
    const own: Record<PropertyKey, unknown> = { query: this.query, release: this.release }
    return new Proxy({} as PoolClient, {
      get: (_target, key, facade) => own[key] ?? this.#member(key, facade),
      set: (_target, key, value) => Reflect.set(this.#lease.client, key, value),
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
      if (SUBSCRIBING.includes(key)) this.#listeners.push(args as [string, Listener])
      const result: unknown = Reflect.apply(value, client, args)
      return result === client ? facade : result
    }
  }
}
