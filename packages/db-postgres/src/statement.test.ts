import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { readStatement, settle } from './statement.ts'

const noop = (): void => {}

describe('the forms of query()', () => {
  test.each([
    ['text', ['select 1'], { values: undefined, callback: undefined }],
    ['text, values', ['select 1', [1]], { values: [1], callback: undefined }],
    ['text, callback', ['select 1', noop], { values: undefined, callback: noop }],
    ['text, values, callback', ['select 1', [1], noop], { values: [1], callback: noop }],
    ['config', [{ text: 'select 1' }], { values: undefined, callback: undefined }],
    ['config, callback', [{ text: 'select 1' }, noop], { callback: noop }],
    ['config with a callback', [{ text: 'select 1', callback: noop }], { callback: noop }],
    ['nothing', [undefined], { values: undefined, callback: undefined, commits: false, onlyBegins: false }],
  ])('%s', (_name, [query, values, callback]: unknown[], expected) => {
    expect(readStatement(query, values, callback)).toMatchObject(expected)
  })

  test('a callback of a configuration is ours to call, and the object stays as it was', () => {
    const config = { text: 'select $1', values: [1], callback: noop }
    const { query } = readStatement(config)
    expect(query).toMatchObject({ text: 'select $1', values: [1], callback: undefined })
    expect(config.callback).toBe(noop)
  })

  test('what submits itself is known, and its callback stays its own', () => {
    const query = new pg.Query('commit')
    expect(readStatement(query)).toMatchObject({
      submitsItself: true,
      query,
      commits: true,
      callback: undefined,
    })
  })

  test('idempotent is what says exactly so', () => {
    expect(readStatement({ text: 'x', idempotent: true }).isIdempotent).toBe(true)
    expect(readStatement({ text: 'x', idempotent: 1 }).isIdempotent).toBe(false)
    expect(readStatement('x').isIdempotent).toBe(false)
  })
})

describe('what a text does to a transaction', () => {
  test.each([
    ['begin', true],
    ['  BEGIN;', true],
    ['start transaction read only', true],
    ['begin isolation level serializable ;', true],
    ['begin; insert into a values (1)', false],
    ['beginning', false],
    ['select 1', false],
    [`begin ${' '.repeat(10_000)}`, false],
  ])('%j only begins one: %j', (text, expected) => {
    expect(readStatement(text).onlyBegins).toBe(expected)
  })

  test.each([
    ['commit', true],
    ['COMMIT AND CHAIN', true],
    ['end', true],
    ['insert into a values (1); commit', true],
    ['/* traced */ commit', true],
    ['/* a */ /* b * / */\n-- why\n commit', true],
    ["insert into a values ('--'); commit", true],
    ["prepare transaction 'x'", true],
    ["commit prepared 'x'", true],
    [`${'x'.repeat(20_000)}; commit; ${'x'.repeat(20_000)}`, true],
    ['rollback', false],
    ['select end_of from commits', false],
    ['select 1 as commit', false],
    ["select '/*'; -- commit", false],
    [`${'x'.repeat(20_000)} committee`, false],
  ])('%.40j may commit one: %j', (text, expected) => {
    expect(readStatement(text).commits).toBe(expected)
  })

  test('hostile texts cost no time', () => {
    const startedAt = performance.now()
    for (const part of [';', '; ', '/*', ';/*', ';--', '/* */ ', ';/**/ ', '-- \n'])
      readStatement(part.repeat(10_000 / part.length))
    readStatement('/* */ '.repeat(1_000_000))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('settle', () => {
  test('by the promise where there is no callback', async () => {
    await expect(settle(Promise.resolve(1), undefined)).resolves.toBe(1)
  })

  test('by the callback where there is one, on a tick of its own', async () => {
    const told: unknown[][] = []
    const failure = new Error('no')
    expect(settle(Promise.resolve(1), (...args) => told.push(args))).toBeUndefined()
    expect(settle(Promise.reject<number>(failure), (...args) => told.push(args))).toBeUndefined()
    expect(told).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([[undefined, 1], [failure]])
  })
})
