import pg from 'pg'
import type { Pool, PoolClient, QueryResult } from 'pg'
import { expect } from 'vitest'

/** One way in which an application sends a statement. */
export type Way = (pool: Pool, text: string) => Promise<QueryResult>

/** Tells which server answered. */
export const WHO = "select current_setting('port')::int as port"

/** Every form of pg's calls that sends one statement, as a promise. */
export const WAYS: Readonly<Record<string, Way>> = {
  'pool.query, promise': (pool, text) => pool.query(text),
  'pool.query, callback': (pool, text) => called((done) => pool.query(text, done)),
  'pool.query, values': (pool, text) => pool.query(text, []),
  'pool.query, Query': (pool, text) => Promise.resolve(pool.query(new pg.Query(text)) as never),
  'connect, promise': async (pool, text) => {
    const client = await pool.connect()
    try {
      return await client.query(text)
    } finally {
      client.release()
    }
  },
  'connect, callback': (pool, text) =>
    called((done) =>
      pool.connect((error, client, release) => {
        if (error !== undefined || client === undefined) return done(error as Error, undefined as never)
        client.query(text, (failure, result) => {
          release(failure)
          done(failure, result)
        })
      }),
    ),
}

type Done = (error: Error, result: QueryResult) => void

export function called(start: (done: Done) => void): Promise<QueryResult> {
  return new Promise((resolve, reject) =>
    start((error, result) => (error === undefined || error === null ? resolve(result) : reject(error))),
  )
}

/** The port of the server that answered, by way. */
export async function servedBy(pool: Pool): Promise<Record<string, unknown>> {
  return everyWay(pool, WHO, (result) => result.rows[0].port)
}

/** Sends a statement in every way at once; what came of each. An error stands for itself. */
export async function everyWay(
  pool: Pool,
  text: string,
  read: (result: QueryResult) => unknown = ({ rows }) => rows,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(WAYS).map(async ([name, way]) => [
    name,
    await way(pool, text).then(read, (error: unknown) => error),
  ])
  return Object.fromEntries(await Promise.all(entries)) as Record<string, unknown>
}

/** The same outcome for every way. */
export function allWays(outcome: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.keys(WAYS).map((name) => [name, outcome]))
}

/** Served elsewhere; but what submits itself has state of its own: once it was sent it ends with the driver's error. */
export function moved(port: number): Record<string, unknown> {
  const servedOrTold = expect.toSatisfy((got) => got === port || got instanceof Error)
  return { ...allWays(port), 'pool.query, Query': servedOrTold }
}

export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

/** What a promise was rejected with; fails if it was not. */
export async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it should have failed')
}
