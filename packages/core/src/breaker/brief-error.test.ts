import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeError } from '../adapter/describe-error.ts'
import { briefError } from './brief-error.ts'

function withProperties(properties: object, message = 'no answer'): Error {
  return Object.assign(new Error(message), properties)
}

test('name, code and message of an error', () => {
  const error = withProperties({ name: 'SocketError', code: 'ECONNRESET' })
  expect(briefError(error)).toEqual({ name: 'SocketError', code: 'ECONNRESET', message: 'no answer' })
})

test('an error without a code has none', () => {
  expect(briefError(new RangeError('too many'))).toEqual({ name: 'RangeError', message: 'too many' })
})

test('a number is a code too, and is told as text', () => {
  expect(briefError(withProperties({ code: 320 }))).toMatchObject({ code: '320' })
})

test('the code of what it wraps is told if it has none itself', () => {
  const cause = withProperties({ code: 'ECONNREFUSED' })
  expect(briefError(new TypeError('fetch failed', { cause }))).toEqual({
    name: 'TypeError',
    code: 'ECONNREFUSED',
    message: 'fetch failed',
  })
})

test('its own code comes first', () => {
  const error = withProperties({ code: 'OUTER', cause: withProperties({ code: 'INNER' }) })
  expect(briefError(error).code).toBe('OUTER')
})

test('it is frozen', () => {
  expect(briefError(new Error('no answer'))).toSatisfy(Object.isFrozen)
})

describe('what was thrown instead of an error is named by its kind, as elsewhere', () => {
  test.each([
    ['a string', 'plain text'],
    ['an empty string', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 42],
    ['a bigint', 42n],
    ['true', true],
    ['a symbol', Symbol('mark')],
  ])('%s', (_name, thrown) => {
    expect(briefError(thrown).name).toBe(describeError(thrown).name)
  })

  test('the text of a string is told', () => {
    expect(briefError('no answer').message).toBe('no answer')
  })
})

describe('it never throws', () => {
  const hostile = new Proxy(new Error('hostile'), {
    get: () => {
      throw new Error('do not read me')
    },
    has: () => {
      throw new Error('do not ask me')
    },
  })
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  test.each([
    ['a proxy that throws', hostile],
    ['a revoked proxy', revoked.proxy],
    ['an object without a prototype', Object.create(null)],
    ['a hostile cause', withProperties({ cause: hostile })],
    ['a cause that is a text', withProperties({ cause: 'text' })],
    ['properties of wrong kinds', { name: 1, message: {}, code: [], cause: 7 }],
  ])('%s', (_name, thrown) => {
    const { name, message } = briefError(thrown)
    expect([typeof name, typeof message]).toEqual(['string', 'string'])
  })

  test('anything at all', () => {
    const property = fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
      const { name, code, message } = briefError(thrown)
      expect([typeof name, typeof message]).toEqual(['string', 'string'])
      expect(['string', 'undefined']).toContain(typeof code)
    })
    fc.assert(property)
  })
})

describe('no secret is told', () => {
  test.each(['name', 'code', 'message'] as const)('in the %s', (property) => {
    const error = withProperties({ [property]: 'cannot reach postgres://app:hunter2@db.internal/shop' })
    expect(JSON.stringify(briefError(error))).not.toContain('hunter2')
  })

  test('in a text that was thrown', () => {
    expect(JSON.stringify(briefError('password=hunter2'))).not.toContain('hunter2')
  })

  test('and none of it is longer than 256 characters', () => {
    const long = 'long '.repeat(10_000)
    for (const text of Object.values(briefError(withProperties({ name: long, code: long }, long))))
      expect(text.length).toBeLessThanOrEqual(256)
  })
})
