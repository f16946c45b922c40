import { ServiceMonitor } from '@failover/core'
import { describe, expect, test } from 'vitest'
import { createFailoverPool } from './create-failover-pool.ts'
import { readPoolOptions } from './options.ts'

const target = { name: 'a', config: 'postgres://localhost/a' }
const read = (options: object): unknown => readPoolOptions({ targets: [target], ...options })

test('the defaults', () => {
  expect(read({})).toEqual({
    name: 'postgres',
    mode: 'read',
    tiers: [[target]],
    pingIntervals: { monitoringMs: 5_000, outageMs: 2_000, errorMs: 500 },
    pingTimeoutMs: 1_000,
    failuresToOpen: 2,
    successesToClose: 2,
    suspectAfterMs: 250,
    acquireTimeoutMs: 2_000,
    maxLagMs: undefined,
    holdDownMs: 10_000,
    failback: 'manual',
  })
  expect(Object.isFrozen(read({}))).toBe(true)
  expect(read({ pingIntervals: { errorMs: 1, outageMs: undefined } })).toMatchObject({
    pingIntervals: { monitoringMs: 5_000, outageMs: 2_000, errorMs: 1 },
  })
})

const DURATIONS = ['pingTimeoutMs', 'suspectAfterMs', 'acquireTimeoutMs', 'maxLagMs', 'holdDownMs']
const COUNTS = ['failuresToOpen', 'successesToClose']

describe.each([...DURATIONS, ...COUNTS])('%s', (option) => {
  test.each([[0], [-1], [1.5], [Infinity], [NaN], ['100'], [null], [true], [{}], [10n]])(
    'refuses %s',
    (value) => {
      const attempt = (): unknown => read({ [option]: value })
      expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }))
      expect(attempt).toThrow(new RegExp(`^${option} must be a whole number .*of at least 1; got .+`))
    },
  )

  test('takes 1', () => {
    const suspectAfterMs = option === 'acquireTimeoutMs' ? { suspectAfterMs: 1 } : {}
    expect(read({ ...suspectAfterMs, [option]: 1 })).toMatchObject({ [option]: 1 })
  })
})

const A_TARGET = 'targets[0]'

describe('is refused with option, range and value', () => {
  test.each([
    ['name', { name: '' }, 'a printable string'],
    ['name', { name: 7 }, 'got 7'],
    ['mode', { mode: 'both' }, '"read" or "write"; got "both"'],
    ['failback', { mode: 'write', failback: 'never' }, '"manual" or "automatic"'],
    ['pingIntervals', { pingIntervals: 5 }, 'an object; got 5'],
    ['pingIntervals', { pingIntervals: 'often' }, 'an object'],
    ['monitor.register', { monitor: {} }, 'a function'],
    ['monitor.register', { monitor: 'mine' }, 'a function'],
    ['createFailoverPool.maxLag', { maxLag: 5 }, 'one of name, targets'],
    ['targets', { targets: undefined }, 'at least one target'],
    ['targets', { targets: [] }, 'at least one target'],
    ['targets', { targets: 'postgres://a' }, 'at least one target'],
    [A_TARGET, { targets: [[]] }, 'a tier of at least one target'],
    [A_TARGET, { targets: ['postgres://a'] }, 'an object'],
    ['targets[0][1]', { targets: [[target, null]] }, 'an object'],
    [`${A_TARGET}.name`, { targets: [{ config: {} }] }, 'a printable string'],
    [`${A_TARGET}.name`, { targets: [{ name: 'a\nb', config: {} }] }, 'a printable string'],
    [`${A_TARGET}.config`, { targets: [{ name: 'a', config: '' }] }, 'not empty'],
    [`${A_TARGET}.config`, { targets: [{ name: 'a', config: null }] }, 'an object; got null'],
    [`${A_TARGET}.config`, { targets: [{ name: 'a', config: 5432 }] }, 'an object; got 5432'],
    [`${A_TARGET}.config`, { targets: [{ name: 'a', config: [] }] }, 'an object'],
    [`${A_TARGET}.pool.connect`, { targets: [{ name: 'a', pool: {} }] }, 'a function'],
    [`${A_TARGET}.readOnly`, { targets: [{ ...target, readOnly: 'no' }] }, 'true or false'],
    [`${A_TARGET}.maxLagMs`, { targets: [{ ...target, maxLagMs: -5 }] }, 'got -5'],
    [`${A_TARGET}.pingIntervals`, { targets: [{ ...target, pingIntervals: 5 }] }, 'an object'],
    [`${A_TARGET}.host`, { targets: [{ name: 'a', config: {}, host: 'b' }] }, 'one of name, config'],
  ])('%s: %j', (option, options, expected) => {
    const attempt = (): unknown => read(options)
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }))
    expect(attempt).toThrow(expected)
  })

  test('options that are none', () => {
    for (const none of [undefined, null, 5, []])
      expect(() => readPoolOptions(none as never)).toThrow('an object')
  })
})

describe('contradicts itself', () => {
  test.each([
    ['two targets are called "a"', { targets: [target, [target]] }],
    ['either config or pool', { targets: [{ name: 'a' }] }],
    ['either config or pool', { targets: [{ ...target, pool: { connect() {} } }] }],
    ['failback', { failback: 'manual' }],
    ['maxLagMs', { mode: 'write', maxLagMs: 5 }],
    ['maxLagMs', { mode: 'write', targets: [{ ...target, maxLagMs: 5 }] }],
    ['readOnly', { mode: 'write', targets: [{ ...target, readOnly: false }] }],
    ['suspectAfterMs', { suspectAfterMs: 3_000 }],
    ['suspectAfterMs', { acquireTimeoutMs: 100 }],
  ])('%s: %j', (message, options) => {
    const attempt = (): unknown => read(options)
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_CONTRADICTORY_OPTIONS' }))
    expect(attempt).toThrow(message)
  })
})

test('intervals are checked by the service, and nothing stays registered', () => {
  const monitor = new ServiceMonitor({ logger: false })
  for (const pingIntervals of [{ monitoringMs: -1 }, { often: 5 }, { errorMs: '5' }])
    expect(() =>
      createFailoverPool({ targets: [target], monitor, pingIntervals: pingIntervals as never }),
    ).toThrow(/pingIntervals/)
  expect(() => monitor.unregister('postgres:a')).toThrow()
})
