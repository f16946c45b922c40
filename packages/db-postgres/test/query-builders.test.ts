import { ConnectionLostError } from '@failover/core'
import { eventually, startPostgresPair, type PostgresPair } from '@failover/testkit'
import { PrismaPg } from '@prisma/adapter-pg'
import { sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { build, stop } from 'esbuild'
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DataSource } from 'typeorm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FailoverPool } from '../src/index.ts'
import { Load } from './support/load.ts'
import { at, revive, usingPool } from './support/using-pool.ts'
import { failureOf } from './support/ways.ts'

let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
})
afterEach(() => revive(pair.primary, pair.replica))
afterAll(() => pair.stop())

const ASK = `select current_setting('port')::int as port, pg_backend_pid() as pid`
interface Answer {
  port: number
  pid: number
}

/** How one library reads, and runs two statements in a transaction with something happening in between. */
interface Library {
  read(): Promise<Answer>
  transaction(between: () => Promise<unknown>): Promise<[Answer, Answer]>
  close?(): Promise<unknown>
}

const LIBRARIES: Record<string, (pool: FailoverPool) => Promise<Library> | Library> = {
  Drizzle: (pool) => drizzleOn(drizzle(pool)),
  Kysely: (pool) => {
    const db = new Kysely<object>({ dialect: new PostgresDialect({ pool }) })
    const ask = async (on: Kysely<object>): Promise<Answer> =>
      (await kyselySql.raw<Answer>(ASK).execute(on)).rows[0] as Answer
    return {
      read: () => ask(db),
      transaction: (between) =>
        db.transaction().execute(async (trx) => {
          const first = await ask(trx)
          await between()
          return [first, await ask(trx)]
        }),
    }
  },
  'Prisma adapter': async (pool) => {
    const adapter = await new PrismaPg(pool).connect()
    const query = { sql: ASK, args: [], argTypes: [] }
    const ask = async (on: Pick<typeof adapter, 'queryRaw'>): Promise<Answer> => {
      const [port, pid] = (await on.queryRaw(query)).rows[0] as number[]
      return { port: port as number, pid: pid as number }
    }
    return {
      read: () => ask(adapter),
      transaction: async (between) => {
        const transaction = await adapter.startTransaction()
        const execute = (sql: string): Promise<unknown> =>
          transaction.executeRaw({ sql, args: [], argTypes: [] })
        try {
          await execute('begin').catch(() => {})
          const first = await ask(transaction)
          await between()
          const second = await ask(transaction)
          await execute('commit')
          await transaction.commit()
          return [first, second]
        } catch (error) {
          await transaction.rollback().catch(() => {})
          throw error
        }
      },
    }
  },
  TypeORM: async (pool) => {
    const { default: pg } = await import('pg')
    // What a user of TypeORM writes: a driver whose Pool is ours.
    class Pool {
      constructor() {
        return pool
      }
    }
    const source = await new DataSource({ type: 'postgres', driver: { ...pg, Pool } }).initialize()
    return {
      read: async () => (await source.query<Answer[]>(ASK))[0] as Answer,
      transaction: (between) =>
        source.transaction(async (manager) => {
          const [first] = await manager.query<[Answer]>(ASK)
          await between()
          const [second] = await manager.query<[Answer]>(ASK)
          return [first, second]
        }),
      close: () => source.destroy(),
    }
  },
  'Drizzle, bundled and minified': (pool) => drizzleOn(bundle.drizzleOf(pool)),
}

interface DrizzleLike {
  execute(query: unknown): PromiseLike<unknown>
  transaction<T>(work: (tx: DrizzleLike) => Promise<T>): Promise<T>
}

function drizzleOn(given: unknown): Library {
  const db = given as DrizzleLike
  const ask = async (on: DrizzleLike): Promise<Answer> =>
    ((await on.execute(drizzleSql.raw(ASK))) as { rows: Answer[] }).rows[0] as Answer
  return {
    read: () => ask(db),
    transaction: (between) =>
      db.transaction(async (tx) => {
        const first = await ask(tx)
        await between()
        return [first, await ask(tx)]
      }),
  }
}

interface Bundle {
  drizzleOf(pool: unknown): unknown
  createFailoverPool(options: unknown): FailoverPool
}

let bundle: Bundle
let bundleDirectory: string

/** As an application's bundle: the names of classes are lost. */
beforeAll(async () => {
  bundleDirectory = await mkdtemp(join(tmpdir(), 'bundle-'))
  const outfile = join(bundleDirectory, 'bundle.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures', 'bundled-app.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@failover/source'],
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  bundle = (await import(pathToFileURL(outfile).href)) as Bundle
  await stop()
})
afterAll(() => rm(bundleDirectory, { recursive: true }))

const targets = () => [at('replica', pair.replica), at('primary', pair.primary)]

for (const [name, make] of Object.entries(LIBRARIES)) {
  describe(name, () => {
    for (const [fault, cause, cure] of [
      ['a kill', () => pair.replica.kill(), () => pair.replica.start()],
      ['a freeze', () => pair.replica.freeze(), () => pair.replica.resume()],
    ] as const) {
      test(`reads through ${fault} without a failed read`, async () => {
        await usingPool({ targets: targets() }, async (pool) => {
          const library = await make(pool)
          await using load = new Load(async () => (await library.read()).port, 10)
          await eventually(() => (load.servedBy.get(pair.replica.port) ?? 0) > 10)
          await cause()
          await eventually(() => pool.activeTarget === 'primary')
          const before = load.done
          await eventually(() => load.done > before + 10)
          await cure()
          await eventually(() => pool.activeTarget === 'replica')
          await load.stop()
          expect(load.failures).toEqual([])
          await library.close?.()
        })
      })
    }

    test('a transaction stays on one connection; a lost one is told, and never split', async () => {
      await usingPool({ targets: targets() }, async (pool) => {
        const library = await make(pool)
        const busy = (): Promise<unknown> => Promise.all([library.read(), library.read(), library.read()])
        const [first, second] = await library.transaction(busy)
        expect(second).toEqual(first)
        const error = await failureOf(library.transaction(() => pair.replica.kill()))
        expect(lineage(error)).toContainEqual(expect.toSatisfy(saysThatItWasLost))
        expect((await library.read()).port).toBe(pair.primary.port)
        await library.close?.()
      })
    })
  })
}

test('a bundle that is minified makes pools that Drizzle takes for pools', async () => {
  const pool = bundle.createFailoverPool({ targets: targets() })
  const library = drizzleOn(bundle.drizzleOf(pool))
  const [first, second] = await library.transaction(() => Promise.all([library.read(), library.read()]))
  expect(second).toEqual(first)
  await pool.end()
})

/** TypeORM hears of the loss before the next statement does, and says so in its own words. */
function saysThatItWasLost(error: unknown): boolean {
  return error instanceof ConnectionLostError || String(error).includes('query runner was already released')
}

/** The error and all that it wraps. */
function lineage(error: unknown): unknown[] {
  const found: unknown[] = []
  for (let next = error; next instanceof Error && found.length < 10; next = next.cause) found.push(next)
  return found
}
