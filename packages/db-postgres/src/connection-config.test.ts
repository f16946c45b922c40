import { inspect } from 'node:util'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { configOfPool, copyWithSecrets, readConnectionConfig, readOnlySession } from './connection-config.ts'

afterEach(() => vi.unstubAllEnvs())

const READ_ONLY = '-c default_transaction_read_only=on'

describe('a connection string', () => {
  const config = 'postgres://me:s3cret@db.example:6543/shop?application_name=till&options=-c%20work_mem%3D5MB'

  test('is read as pg reads it, and not kept', () => {
    const read = readConnectionConfig('config', { connectionString: config, max: 7 })
    expect(read).toMatchObject({ host: 'db.example', port: 6543, user: 'me', database: 'shop', max: 7 })
    expect(read).toMatchObject({ application_name: 'till', options: '-c work_mem=5MB' })
    expect(read.password).toBe('s3cret')
    expect(inspect(read, { depth: 10 }) + JSON.stringify(read)).not.toContain('s3cret')
  })

  test('wins over what stands beside it, as in pg', () => {
    expect(
      readConnectionConfig('config', { connectionString: config, host: 'other', user: 'other' }),
    ).toMatchObject({
      host: 'db.example',
      user: 'me',
    })
  })

  test('that pg cannot read is refused without being shown', () => {
    const attempt = (): unknown =>
      readConnectionConfig('config of a', { connectionString: 'postgres://u:s3cret@[::1/x' })
    expect(attempt).toThrow('config of a must be a configuration that pg can read')
    expect(attempt).not.toThrow('s3cret')
  })
})

describe('a configuration', () => {
  test('is copied, and its secrets hidden but there', () => {
    const given = { host: 'a', password: 's3cret', ssl: { key: 's3cret' } }
    const read = readConnectionConfig('config', given)
    expect(read).toMatchObject({ host: 'a' })
    expect(read.password).toBe('s3cret')
    expect(read.ssl).toBe(given.ssl)
    expect(inspect(read, { depth: 10 }) + JSON.stringify(read)).not.toContain('s3cret')
    expect(Object.keys(given)).toEqual(['host', 'password', 'ssl'])
  })

  test('whose password is hidden already keeps it', () => {
    const hidden = Object.defineProperty({ host: 'a' }, 'password', { value: 's3cret' })
    expect(readConnectionConfig('config', hidden).password).toBe('s3cret')
    expect(copyWithSecrets(readConnectionConfig('config', hidden)).password).toBe('s3cret')
  })

  test('with a function for a password keeps the function', () => {
    const password = (): string => 'later'
    expect(readConnectionConfig('config', { password }).password).toBe(password)
  })

  test('of a pool', async () => {
    const pool = new pg.Pool({ host: 'a', password: 's3cret', max: 3 })
    expect(configOfPool(pool)).toMatchObject({ host: 'a', max: 3 })
    expect(configOfPool(pool).password).toBe('s3cret')
    await pool.end()
  })
})

describe('a read-only session', () => {
  test.each([
    [undefined, READ_ONLY],
    ['-c work_mem=5MB', `-c work_mem=5MB ${READ_ONLY}`],
    ['-c default_transaction_read_only=off', `-c default_transaction_read_only=off ${READ_ONLY}`],
  ])('of options %j', (options, expected) => {
    const given = options === undefined ? {} : { options }
    expect(readOnlySession(readConnectionConfig('config', given)).options).toBe(expected)
  })

  test('of the environment’s options', () => {
    vi.stubEnv('PGOPTIONS', '-c work_mem=6MB')
    expect(readOnlySession(readConnectionConfig('config', {})).options).toBe(`-c work_mem=6MB ${READ_ONLY}`)
    expect(readOnlySession(readConnectionConfig('config', { options: '-c a=b' })).options).toBe(
      `-c a=b ${READ_ONLY}`,
    )
  })
})
