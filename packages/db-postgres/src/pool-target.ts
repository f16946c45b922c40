import type { ClientBase, Pool, PoolClient } from 'pg'
import { destroy } from './ping.ts'
import { watchTransactions } from './transaction-status.ts'

type PoolEvent = 'connect' | 'acquire' | 'release' | 'remove' | 'error'
const EVENTS: readonly PoolEvent[] = ['connect', 'acquire', 'release', 'remove', 'error']

export interface PoolTargetOptions {
  readonly name: string
  readonly pool: Pool
  /** Whether the pool was made here, and so is ended here. */
  readonly isOwn: boolean
  /** Whether sessions of a pool that the application made must be turned read-only. */
  readonly mustSetReadOnly: boolean
  /** Tells the pool's listeners what happens in this one. */
  readonly forward: (event: PoolEvent, args: unknown[]) => void
}

/** The connections to one target: an ordinary pg.Pool, with the listeners that keep a process alive. */
export class PoolTarget {
  readonly name: string
  readonly pool: Pool
  readonly #isOwn: boolean
  readonly #clients = new Set<ClientBase>()
  readonly #lent = new Set<ClientBase>()
  readonly #listeners: [PoolEvent, (...args: unknown[]) => void][] = []

  constructor({ name, pool, isOwn, mustSetReadOnly, forward }: PoolTargetOptions) {
    this.name = name
    this.pool = pool
    this.#isOwn = isOwn
    this.#listen('acquire', (client) => this.#adopt(client as PoolClient, mustSetReadOnly))
    this.#listen('acquire', (client) => this.#lent.add(client as PoolClient))
    this.#listen('release', (_error, client) => this.#lent.delete(client as PoolClient))
    for (const event of EVENTS) this.#listen(event, (...args) => forward(event, args))
  }

  /** Connections that lie idle when their server is lost are of no use later; a frozen server would keep them open. */
  closeIdle(): void {
    for (const client of this.#clients) if (!this.#lent.has(client)) destroy(client as never)
  }

  /** Cuts what is left of a pool that was made here. What connects, or waits with a timer, only pg's own lists have. */
  destroyOwn(): void {
    if (!this.#isOwn) return
    for (const waiter of listOf(this.pool, '_pendingQueue')) endWaiting(waiter)
    for (const client of [...this.#clients, ...listOf(this.pool, '_clients')]) destroy(client as never)
  }

  /** Ends the pool if it was made here; one of the application's goes on without us. */
  async end(): Promise<void> {
    if (this.#isOwn) await this.pool.end()
    else for (const [event, listener] of this.#listeners) this.pool.off(event, listener)
  }

  /**
   * pg takes its own listener off a client that is lent, and an `error` event without one ends the process; also for a
   * pool that the application made, whose clients may be there already.
   */
  #adopt(client: PoolClient, mustSetReadOnly: boolean): void {
    if (this.#clients.has(client)) return
    this.#clients.add(client)
    client.on('error', () => {})
    client.once('end', () => {
      this.#clients.delete(client)
      this.#lent.delete(client)
    })
    watchTransactions(client)
    if (mustSetReadOnly) client.query(READ_ONLY).catch(() => {})
  }

  #listen(event: PoolEvent, listener: (...args: unknown[]) => void): void {
    this.#listeners.push([event, listener])
    this.pool.on(event as 'connect', listener)
  }
}

function listOf(pool: Pool, key: string): unknown[] {
  const list: unknown = Reflect.get(pool, key)
  return Array.isArray(list) ? [...(list as unknown[])] : []
}

/** Whoever waited was told already; this stops the timer. */
function endWaiting(waiter: unknown): void {
  const callback: unknown = Reflect.get(Object(waiter), 'callback')
  if (typeof callback === 'function') Reflect.apply(callback, waiter, [new Error('the pool was ended')])
}

const READ_ONLY = 'set session characteristics as transaction read only'
