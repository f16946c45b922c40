import { existsSync, statSync } from 'node:fs'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { PostgresServer } from '../src/index.ts'
import { eventually, startPostgres } from '../src/index.ts'
import { abandonedSegments } from '../src/shared-memory.ts'
import { livingProcesses } from './support/living-processes.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: 17 } })
})

afterAll(() => server.stop())

test('serves', async () => {
  expect(await server.query('select 1 as one')).toEqual([{ one: 1 }])
  expect(server).toMatchObject({ kind: 'postgres', name: 'postgres', host: '127.0.0.1', isRunning: true })
})

test('takes settings', async () => {
  expect(await server.query('show max_connections')).toEqual([{ max_connections: '17' }])
})

test('runs as somebody who is not root', () => {
  expect(statSync(server.dataDir).uid).not.toBe(0)
})

test('refuses a wrong password with 28P01', async () => {
  const client = new pg.Client({ ...server.config(), password: 'wrong' })
  await expect(client.connect()).rejects.toMatchObject({ code: '28P01' })
})

test('frozen, it leaves a query and a connection hanging; resumed, it answers both', async () => {
  const client = new pg.Client(server.config())
  await client.connect()
  server.freeze()
  const answers: unknown[] = []
  const late = new pg.Client(server.config())
  const query = client.query('select 1 as one').then(({ rows }) => answers.push(rows))
  const connecting = late.connect().then(() => answers.push('connected'))
  // As long as both would have taken many times over, had anybody been there.
  await expect(eventually(() => answers.length > 0, { timeoutMs: 500 })).rejects.toThrow('waited 500 ms')
  expect(server).toMatchObject({ isFrozen: true, isRunning: true })
  server.resume()
  await Promise.all([query, connecting])
  expect(answers).toContainEqual([{ one: 1 }])
  await Promise.all([client.end(), late.end()])
})

test('killed in the middle of a query, it leaves no process', async () => {
  const client = new pg.Client(server.config())
  client.on('error', () => {})
  await client.connect()
  const cut = expect(client.query('select pg_sleep(60)')).rejects.toThrow()
  const backend = await eventually(() => sleepingBackend(), { what: 'the query to run' })
  const pids = server.processes()
  expect(pids).toEqual(expect.arrayContaining([server.pid, backend]))
  await server.kill()
  await cut
  expect(livingProcesses(pids)).toEqual([])
  expect(server).toMatchObject({ isRunning: false, isFrozen: false })
  await expect(server.query('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await server.restart()
})

async function sleepingBackend(): Promise<number | false> {
  const question = "select pid from pg_stat_activity where query like 'select pg_sleep%'"
  const [row] = await server.query<{ pid: number }>(question)
  return row?.pid ?? false
}

test('killed and restarted, it has its port and what was committed', async () => {
  const { pid, port } = server
  await server.query('create table kept (a int)')
  await server.query('insert into kept values (1)')
  await server.kill()
  await server.restart()
  expect(server.port).toBe(port)
  expect(server.pid).not.toBe(pid)
  expect(await server.query('select a from kept')).toEqual([{ a: 1 }])
})

test('kills what is frozen', async () => {
  const pids = server.processes()
  server.freeze()
  await server.kill()
  expect(livingProcesses(pids)).toEqual([])
  await server.restart()
})

test('a signal reaches the main process: SIGINT ends sessions with 57P01', async () => {
  const client = new pg.Client(server.config())
  await client.connect()
  const errors: Error[] = []
  client.on('error', (error) => errors.push(error))
  await server.kill('SIGINT')
  await eventually(() => expect(errors[0]).toMatchObject({ code: '57P01' }))
  await server.restart()
})

test('says why it does not start', async () => {
  const starting = startPostgres({ settings: { shared_buffers: 'plenty' } })
  await expect(starting).rejects.toThrow(
    /ended while it started[^]*invalid value for parameter "shared_buffers"/,
  )
})

test('a port that is taken', async () => {
  await expect(startPostgres({ port: server.port })).rejects.toThrow(/Address already in use/)
  expect(await server.query('select 1 as one')).toEqual([{ one: 1 }])
})

test('stopped, it leaves nothing; stopped twice is fine', async () => {
  const other = await startPostgres({ name: 'other' })
  const pids = other.processes()
  await other.stop()
  await other.stop()
  expect(livingProcesses(pids)).toEqual([])
  expect(existsSync(other.dataDir)).toBe(false)
  expect(other.log).toContain('database system is shut down')
})

test('killed and stopped, it leaves no shared memory', async () => {
  const other = await startPostgres({ name: 'other' })
  const creator = new Set([other.pid])
  await other.kill()
  expect(abandonedSegments(creator)).toHaveLength(1)
  await other.stop()
  expect(abandonedSegments(creator)).toEqual([])
})
