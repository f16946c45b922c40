import { afterAll, beforeAll, expect, test } from 'vitest'

import type { PostgresPair } from '../src/index.ts'
import { startPostgresPair } from '../src/index.ts'

let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
  await pair.primary.query('create table t (a int)')
})

afterAll(() => pair.stop())

const write = (a: number) => pair.primary.query('insert into t values ($1)', [a])
const rowsOfReplica = () => pair.replica.query('select a from t order by a')

test('replicates', async () => {
  await write(1)
  await pair.waitForReplay()
  expect(await rowsOfReplica()).toEqual([{ a: 1 }])
})

test('the replica refuses writes with 25006', async () => {
  await expect(pair.replica.query('insert into t values (9)')).rejects.toMatchObject({ code: '25006' })
})

test('a replica that was killed catches up', async () => {
  await pair.replica.kill()
  await write(2)
  await pair.replica.restart()
  await pair.waitForReplay()
  expect(await rowsOfReplica()).toEqual([{ a: 1 }, { a: 2 }])
})

test('a replica finds a primary that was killed again', async () => {
  await pair.primary.kill()
  expect(await rowsOfReplica()).toEqual([{ a: 1 }, { a: 2 }])
  await pair.primary.restart()
  await write(3)
  await pair.waitForReplay()
  expect(await rowsOfReplica()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
})

test('a frozen replica shows nothing new until it is resumed', async () => {
  pair.replica.freeze()
  await write(4)
  pair.replica.resume()
  await pair.waitForReplay()
  expect(await rowsOfReplica()).toContainEqual({ a: 4 })
})

test('promoted, the replica takes writes', async () => {
  await pair.primary.kill()
  await pair.promote()
  expect(await pair.replica.query('insert into t values (5) returning a')).toEqual([{ a: 5 }])
})
