import { ConnectionLostError } from '@failover/core'
import type { Target, TargetGroup } from '@failover/core/adapter'
import type { Pool, PoolClient, QueryResult } from 'pg'
import { leavesSessionUsable } from './classify-error.ts'
import { destroy } from './ping.ts'
import type { Statement } from './statement.ts'
import { transactionStatus } from './transaction-status.ts'

type Release = (error?: Error | boolean) => void

/** One connection of one target, lent to one piece of work. */
export class Lease {
  readonly target: Target
  readonly client: PoolClient
  readonly #group: TargetGroup
  readonly #release: Release
  #isOver = false

  constructor(group: TargetGroup, target: Target, client: PoolClient, release: Release) {
    this.#group = group
    this.target = target
    this.client = client
    this.#release = release
  }

  get isInTransaction(): boolean {
    return transactionStatus(this.client) !== 'I'
  }

  /** Runs one statement. If its target stops answering, the connection is destroyed and the statement ends. */
  async run(statement: Statement, mayMove: boolean): Promise<QueryResult> {
    const end = this.#group.begin(this.target, {
      isWaiting: false,
      mayMove,
      cut: (reason) => destroy(this.client, reason),
    })
    try {
      return await send(this.client, statement)
    } finally {
      end()
    }
  }

  /** Hands over what submits itself. It ends by itself; if its target stops answering, with the connection. */
  submit({ query, values, callback }: Statement): unknown {
    const cut = (cause: Error): void =>
      destroy(this.client, new ConnectionLostError(this.target.name, 'maybe', { cause }))
    const end = this.#group.begin(this.target, { isWaiting: false, mayMove: false, cut })
    onceEnded(query as object, end)
    return this.client.query(query as never, values as never, callback as never)
  }

  /** Gives the connection back, or - after `true` or an error that its session may not have survived - closes it. */
  release(error?: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    const keeps = error === undefined || leavesSessionUsable(error)
    // A polite goodbye would wait for a server that does not answer.
    if (!keeps && error !== true) destroy(this.client)
    this.#release(!keeps)
  }
}

/** pg tells what submits itself of its end by one of these, whatever kind it is. */
function onceEnded(submittable: object, end: () => void): void {
  for (const method of ['handleError', 'handleReadyForQuery']) {
    const handle: unknown = Reflect.get(submittable, method)
    if (typeof handle !== 'function') continue
    Reflect.set(submittable, method, function (this: unknown, ...args: unknown[]): unknown {
      end()
      return Reflect.apply(handle, this, args) as unknown
    })
  }
}

/** A submittable tells its end by the callback that pg puts on it, or by its own. */
function send(client: PoolClient, { query, values, submitsItself }: Statement): Promise<QueryResult> {
  if (!submitsItself)
    return values === undefined
      ? client.query(query as string)
      : client.query(query as string, values as unknown[])
  return new Promise((resolve, reject) => {
    const own: unknown = Reflect.get(query as object, 'callback')
    const callback = (error: Error | null | undefined, result: QueryResult): void => {
      if (typeof own === 'function') own.call(query, error, result)
      if (error) reject(error)
      else resolve(result)
    }
    Reflect.set(query as object, 'callback', callback)
    client.query(query as never)
  })
}

/** Lends a connection of a pool, or fails within `timeoutMs`, or at once when the target is lost. */
export function acquire(
  group: TargetGroup,
  target: Target,
  pool: Pool,
  deadlines: AcquireDeadlines,
): Promise<Lease> {
  return new Promise((resolve, reject) => {
    let isSettled = false
    const settle = (act: () => void): void => {
      if (isSettled) return
      isSettled = true
      forget()
      end()
      act()
    }
    const fail = (error: Error): void => settle(() => reject(error))
    const end = group.begin(target, { isWaiting: true, mayMove: true, cut: fail })
    const forget = deadlines.add({ target, fail })
    connect(pool, (error, client, release) => {
      if (isSettled) release?.()
      else if (error !== undefined || client === undefined) fail(error ?? new Error('no client'))
      else settle(() => resolve(new Lease(group, target, client, release)))
    })
  })
}

export interface AcquireDeadlines {
  add(item: { readonly target: Target; readonly fail: (error: Error) => void }): () => void
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: Release) => void

/** pg throws some configuration errors instead of handing them to the callback. */
function connect(pool: Pool, connected: Connected): void {
  try {
    pool.connect(connected as Parameters<Pool['connect']>[0])
  } catch (error) {
    connected(error instanceof Error ? error : new Error(String(error)), undefined, () => {})
  }
}
