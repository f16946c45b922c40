import { ConnectionLostError, OutcomeUnknownError } from '@failover/core'
import { eventually, startFaultProxy } from '@failover/testkit'
import pg from 'pg'
import type { PoolClient } from 'pg'
import Cursor from 'pg-cursor'
import { describe, expect, test } from 'vitest'
import type { FailoverPool } from '../src/index.ts'
import { useServers } from './support/servers.ts'
import { at, usingPool } from './support/using-pool.ts'
import { failureOf, WHO, withClient } from './support/ways.ts'

const servers = useServers({
  prepare: 'create table notes (id int primary key, text text)',
  cleanUp: 'delete from notes',
})

const targets = () => [
  at('replica', servers.pair.replica, { port: servers.proxy.port }),
  at('primary', servers.pair.primary),
]
const whoAnswers = async (client: PoolClient): Promise<number> => (await client.query(WHO)).rows[0].port

/** A checkout to the replica whose connection is then lost. */
async function losing(
  work: (client: PoolClient, lose: () => Promise<void>, pool: FailoverPool) => Promise<void>,
): Promise<void> {
  await usingPool({ targets: targets() }, async (pool) => {
    const lose = async (): Promise<void> => {
      await servers.proxy.set('refuse')
    }
    const client = await pool.connect()
    let isReleased = false
    const { release } = client
    client.release = (error) => {
      if (!isReleased) release(error)
      isReleased = true
    }
    await work(client, lose, pool)
    client.release()
  })
}

describe('the first statement of a checkout', () => {
  test('moves, and those after it stay where it went', () =>
    losing(async (client, lose) => {
      await lose()
      expect(await whoAnswers(client)).toBe(servers.pair.primary.port)
      expect(await whoAnswers(client)).toBe(servers.pair.primary.port)
    }))

  test('moves with those that were sent in the same tick', () =>
    losing(async (client, lose) => {
      await lose()
      const ports = await Promise.all([whoAnswers(client), whoAnswers(client), whoAnswers(client)])
      expect(ports).toEqual([servers.pair.primary.port, servers.pair.primary.port, servers.pair.primary.port])
    }))

  test('moves with a cursor that was opened in the same tick', () =>
    losing(async (client, lose) => {
      await lose()
      const first = client.query(WHO)
      const cursor = client.query(new Cursor(WHO))
      expect((await first).rows).toEqual([{ port: servers.pair.primary.port }])
      expect(await cursor.read(10)).toEqual([{ port: servers.pair.primary.port }])
      await cursor.close()
    }))

  test('moves if it is BEGIN, and the transaction stays there', () =>
    losing(async (client, lose) => {
      await lose()
      await client.query('/* app */ begin')
      expect(await whoAnswers(client)).toBe(servers.pair.primary.port)
      await client.query('commit')
    }))

  test('keeps what the application listens to, each in its own way', () =>
    losing(async (client, lose) => {
      const heard: string[] = []
      client.on('notice', ({ message }) => heard.push(`on ${message}`))
      client.once('notice', ({ message }) => heard.push(`once ${message}`))
      const dropped = (): void => void heard.push('dropped')
      client.on('notice', dropped)
      client.off('notice', dropped)
      await lose()
      expect(await whoAnswers(client)).toBe(servers.pair.primary.port)
      const say = (text: string) => client.query(`do $$ begin raise notice '${text}'; end $$`)
      await say('a')
      await say('b')
      expect(heard).toEqual(['on a', 'once a', 'on b'])
      client.removeAllListeners('notice')
    }))

  test('that the server refuses fails with that very error, once, and the connection lives on', async () => {
    await usingPool({ targets: targets() }, async (pool) => {
      await withClient(pool, async (client) => {
        const before = client as PoolClient & { processID: number }
        const pid = before.processID
        expect(await failureOf(client.query('selec 1'))).toMatchObject({ code: '42601', severity: 'ERROR' })
        expect((client as typeof before).processID).toBe(pid)
        expect(await whoAnswers(client)).toBe(servers.pair.replica.port)
      })
      expect(pool.totalCount).toBe(1)
      expect(pool.idleCount).toBe(1)
      const { rows } = await pool.query("select count(*)::int from pg_stat_activity where query = 'selec 1'")
      expect(rows).toEqual([{ count: 0 }])
    })
  })
})

describe('what does not move', () => {
  test('a second statement: a typed error, and the client is destroyed', () =>
    losing(async (client, lose, pool) => {
      await whoAnswers(client)
      await lose()
      expect(await failureOf(client.query(WHO))).toMatchObject({
        code: 'ERR_CONNECTION_LOST',
        executed: 'maybe',
      })
      client.release()
      await eventually(() => expect(pool.totalCount).toBe(0))
    }))

  test('a transaction: it was rolled back', () =>
    losing(async (client, lose) => {
      await client.query('begin')
      await client.query(WHO)
      await lose()
      const error = await failureOf(client.query(WHO))
      expect(error).toBeInstanceOf(ConnectionLostError)
      expect(error).toMatchObject({ executed: 'no', message: expect.stringContaining('rolled back') })
      expect(await failureOf(client.query('commit'))).toBeInstanceOf(Error)
    }))

  test('a cursor: its error is told to whoever reads', () =>
    losing(async (client, lose) => {
      const cursor = client.query(new Cursor('select generate_series(1, 100000) as n'))
      expect(await cursor.read(2)).toHaveLength(2)
      await lose()
      expect(await failureOf(cursor.read(100_000))).toBeInstanceOf(Error)
    }))
})

describe('the client is what pg gives', () => {
  test('a pg.Client, with its members and its class', async () => {
    await usingPool({ targets: targets() }, async (pool) => {
      await withClient(pool, async (client) => {
        expect(client).toBeInstanceOf(pg.Client)
        expect(client.constructor).toBe(pg.Client)
        expect(Reflect.get(client, 'processID')).toBeTypeOf('number')
        expect('processID' in client).toBe(true)
        expect(client.escapeLiteral("it's")).toBe("'it''s'")
        expect(client.on('notice', () => {})).toBe(client)
        client.removeAllListeners('notice')
      })
    })
  })

  test('query and release can be wrapped, as pg’s own guide does', async () => {
    await usingPool({ targets: targets() }, async (pool) => {
      const client = await pool.connect()
      const { query, release } = client
      const seen: unknown[] = []
      client.query = ((...args: unknown[]) => {
        seen.push(args[0])
        return Reflect.apply(query, client, args)
      }) as typeof client.query
      client.release = () => {
        client.query = query
        client.release = release
        return release.apply(client)
      }
      expect(await whoAnswers(client)).toBe(servers.pair.replica.port)
      client.release()
      expect(seen).toEqual([WHO])
      expect((await pool.query(WHO)).rows).toEqual([{ port: servers.pair.replica.port }])
      expect(seen).toEqual([WHO])
    })
  })

  test('released twice: pg’s own error', async () => {
    await usingPool({ targets: targets() }, async (pool) => {
      const client = await pool.connect()
      client.release()
      expect(() => client.release()).toThrow('already been released')
      await expect(client.query(WHO)).rejects.toThrow('after release()')
    })
  })

  test('a Query and a callback, as pg takes them', async () => {
    await usingPool({ targets: targets() }, async (pool) => {
      await withClient(pool, async (client) => {
        const rows: unknown[] = []
        const query = client.query(new pg.Query('select 1 as one'))
        query.on('row', (row) => rows.push(row))
        await new Promise((resolve) => query.once('end', resolve))
        expect(rows).toEqual([{ one: 1 }])
        const result = await new Promise((resolve) =>
          client.query('select $1::int as n', [2], (_error, { rows: found }) => resolve(found)),
        )
        expect(result).toEqual([{ n: 2 }])
      })
    })
  })
})

describe('a COMMIT whose answer is lost', () => {
  for (const text of ['commit', 'COMMIT;', '/* traced */ commit', '-- why\nend']) {
    test(`${JSON.stringify(text)}: the outcome is unknown, and here it was committed`, async () => {
      await using door = await startFaultProxy({ upstream: servers.pair.primary })
      const writer = at('primary', servers.pair.primary, { port: door.port })
      await usingPool({ mode: 'write', targets: [writer] }, async (pool) => {
        await withClient(pool, async (client) => {
          await client.query('begin')
          await client.query("insert into notes values (1, 'kept')")
          await door.set('reply-drop')
          const error = await failureOf(client.query(text))
          expect(error).toBeInstanceOf(OutcomeUnknownError)
          expect(error).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN', target: 'primary' })
        })
        expect(await servers.pair.primary.query('select text from notes')).toEqual([{ text: 'kept' }])
        await door.set('pass')
      })
    })
  }
})
