import { ConnectionLostError } from '@failover/core'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import {
  classifyPostgresError,
  isMisconfiguration,
  isWeakPostgresError,
  leavesSessionUsable,
  wasNeverSent,
} from './classify-error.ts'

function serverError(code: string, severity = 'ERROR'): Error {
  return Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code, severity })
}

describe('what the server says', () => {
  test.each([
    ['08006', 'ERROR', 'outage'],
    ['57P01', 'FATAL', 'outage'],
    ['57P02', 'FATAL', 'outage'],
    ['57P03', 'FATAL', 'outage'],
    ['58000', 'ERROR', 'outage'],
    ['58030', 'ERROR', 'outage'],
    ['XX001', 'ERROR', 'outage'],
    ['XX002', 'ERROR', 'outage'],
    ['25006', 'ERROR', 'role'],
    ['53300', 'FATAL', 'saturated'],
    ['53100', 'ERROR', 'saturated'],
    ['53200', 'ERROR', 'saturated'],
    ['53400', 'ERROR', 'saturated'],
    ['57P05', 'FATAL', 'saturated'],
    ['28P01', 'FATAL', 'application'],
    ['28000', 'FATAL', 'application'],
    ['3D000', 'FATAL', 'application'],
    ['22P02', 'ERROR', 'application'],
    ['23505', 'ERROR', 'application'],
    ['40001', 'ERROR', 'application'],
    ['40P01', 'ERROR', 'application'],
    ['42601', 'ERROR', 'application'],
    ['55P03', 'ERROR', 'application'],
    ['57014', 'ERROR', 'application'],
    ['P0001', 'ERROR', 'application'],
    ['XX000', 'ERROR', 'application'],
    ['XX000', 'FATAL', 'outage'],
    ['42501', 'PANIC', 'outage'],
  ])('%s %s: %s', (code, severity, verdict) => {
    expect(classifyPostgresError(serverError(code, severity))).toBe(verdict)
  })
})

describe('what pg says', () => {
  test.each([
    ['Connection terminated unexpectedly', 'outage', false],
    ['Connection terminated', 'outage', false],
    ['Connection terminated due to connection timeout', 'outage', false],
    ['timeout expired', 'outage', false],
    ['Client has encountered a connection error and is not queryable', 'outage', false],
    ['Query read timeout', 'outage', true],
    ['timeout exceeded when trying to connect', 'outage', true],
    ['Cannot use a pool after calling end on the pool', 'application', false],
    ['something else', 'application', false],
  ])('%s: %s, weak: %s', (message, verdict, weak) => {
    expect(classifyPostgresError(new Error(message))).toBe(verdict)
    expect(isWeakPostgresError(new Error(message))).toBe(weak)
  })

  test('a refused connection to a name with several addresses', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1'), { code: 'ECONNREFUSED' })
    expect(classifyPostgresError(new AggregateError([refused, refused], ''))).toBe('outage')
  })
})

describe('evidence', () => {
  test('is found through wrappers', () => {
    const lost = new Error('Connection terminated unexpectedly')
    expect(classifyPostgresError(new Error('query failed', { cause: lost }))).toBe('outage')
    expect(classifyPostgresError(Object.assign(new Error('x'), { original: serverError('25006') }))).toBe(
      'role',
    )
  })

  test('is not what this library says, whatever it wraps', () => {
    const ours = new ConnectionLostError('a', 'maybe', { cause: serverError('57P01', 'FATAL') })
    expect(classifyPostgresError(ours)).toBe('application')
    expect(classifyPostgresError(new Error('outer', { cause: ours }))).toBe('application')
    expect(
      isWeakPostgresError(new ConnectionLostError('a', 'no', { cause: new Error('Query read timeout') })),
    ).toBe(false)
  })

  test('is not an object that looks like an error', () => {
    expect(classifyPostgresError({ code: '57P01', severity: 'FATAL' })).toBe('application')
    expect(leavesSessionUsable({ code: '42601', severity: 'ERROR' })).toBe(false)
    for (const nothing of [undefined, null, '57P01', 1])
      expect(classifyPostgresError(nothing)).toBe('application')
  })
})

test('a wrong question is told from a dead server', () => {
  expect(isMisconfiguration(serverError('28P01', 'FATAL'))).toBe(true)
  expect(isMisconfiguration(serverError('3D000', 'FATAL'))).toBe(true)
  expect(
    isMisconfiguration(new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')),
  ).toBe(true)
  expect(isMisconfiguration(new Error('The server does not support SSL connections'))).toBe(true)
  expect(isMisconfiguration(serverError('57P03', 'FATAL'))).toBe(false)
  expect(isMisconfiguration(new Error('connect ECONNREFUSED'))).toBe(false)
})

test('a session lives on after an ERROR, and after nothing else', () => {
  expect(leavesSessionUsable(serverError('42601'))).toBe(true)
  expect(leavesSessionUsable(serverError('57P01', 'FATAL'))).toBe(false)
  expect(leavesSessionUsable(new Error('Query read timeout'))).toBe(false)
})

test('only pg’s refusal of a dead client proves that nothing was sent', () => {
  expect(wasNeverSent(new Error('Client has encountered a connection error and is not queryable'))).toBe(true)
  expect(wasNeverSent(new Error('Connection terminated unexpectedly'))).toBe(false)
})
