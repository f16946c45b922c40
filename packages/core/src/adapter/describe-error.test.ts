import { connect } from 'node:net'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeError } from './describe-error.ts'

function coded(message: string, code: unknown): Error {
  return Object.assign(new Error(message), { code })
}

describe('errors', () => {
  test('name, code and message', () => {
    expect(describeError(coded('boom', 'E_BOOM'))).toEqual({ name: 'Error', code: 'E_BOOM', message: 'boom' })
    expect(describeError(new RangeError('far'))).toEqual({ name: 'RangeError', message: 'far' })
    expect(describeError(coded('CONNECTION_FORCED', 320))).toMatchObject({ code: '320' })
    expect(describeError(runInNewContext('new TypeError("elsewhere")'))).toEqual({
      name: 'TypeError',
      message: 'elsewhere',
    })
  })

  test('frozen', () => {
    expect(Object.isFrozen(describeError(new Error('x')))).toBe(true)
  })

  test('the code may come from what it wraps', () => {
    const error = new TypeError('fetch failed', { cause: coded('connect', 'ECONNREFUSED') })
    expect(describeError(error)).toEqual({ name: 'TypeError', code: 'ECONNREFUSED', message: 'fetch failed' })
  })

  test('a refused dual-stack connection says what was refused', () => {
    const refused = [
      coded('connect ECONNREFUSED ::1:1', 'ECONNREFUSED'),
      coded('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'),
    ]
    expect(describeError(Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' }))).toEqual({
      name: 'AggregateError',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    })
  })

  test('a real refused connection', async () => {
    const lookup = (
      _: string,
      __: object,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ])
    const error = await new Promise((resolve) => {
      connect({ host: 'both.test', port: 1, autoSelectFamily: true, lookup }).on('error', resolve)
    })
    expect(error).toMatchObject({ name: 'AggregateError', message: '' })
    expect(describeError(error).message).toContain('connect ECONNREFUSED 127.0.0.1:1')
  })

  test('no more than three of many messages, none of them twice', () => {
    const errors = Array.from({ length: 50 }, (_, at) => new Error(`address ${Math.floor(at / 2)}`))
    expect(describeError(new AggregateError(errors)).message).toBe('address 0; address 1; address 2')
  })
})

describe('canaries', () => {
  test('no secret, control character or excess in any field', () => {
    const error = Object.assign(new Error('postgres://u:hunter2@h\r\npassword=hunter2 \u001b[31m'), {
      name: 'token=hunter2',
      code: `auth=hunter2\n${'x'.repeat(500)}`,
      command: { name: 'auth', args: ['hunter2'] },
      config: { password: 'hunter2' },
      cause: new Error('hunter2'),
    })
    const summary = describeError(error)
    expect(JSON.stringify(summary)).not.toMatch(/hunter2|\\[nru]/)
    expect(Object.keys(summary)).toEqual(['name', 'code', 'message'])
  })

  test('an enormous message', () => {
    expect(describeError(new Error('x'.repeat(50_000_000))).message).toHaveLength(256)
    const many = Array.from({ length: 64 }, (_, at) => new Error(`${at}`.repeat(5_000_000)))
    expect(describeError(new AggregateError(many)).message).toHaveLength(256)
  })
})

describe('whatever can be thrown', () => {
  test.each<[unknown, string, string]>([
    [undefined, 'undefined', 'undefined'],
    [null, 'null', 'null'],
    ['boom', 'string', 'boom'],
    ['password=hunter2', 'string', 'password=***'],
    ['', 'string', ''],
    [7, 'number', '7'],
    [7n, 'bigint', '7'],
    [Symbol('secret=hunter2'), 'symbol', 'Symbol(secret=***'],
    [(): void => {}, 'function', 'a function'],
    [{}, 'Object', ''],
    [[], 'Array', ''],
    [{ message: 'plain', name: '' }, 'Object', 'plain'],
    [Object.create(null), 'Object', ''],
    [new Date(0), 'Date', ''],
  ])('%o', (thrown, name, message) => {
    expect(describeError(thrown)).toEqual({ name, message })
  })

  test('a message that is no string is no message', () => {
    const error = Object.assign(new Error('x', { cause: new Error('inner') }), {
      message: { toString: () => 'no' },
    })
    expect(describeError(error)).toEqual({ name: 'Error', message: 'inner' })
  })

  test('a cyclic cause', () => {
    const error = new Error('')
    error.cause = error
    expect(describeError(error)).toEqual({ name: 'Error', message: '' })
  })

  test('Proxies and getters that throw', () => {
    const thrower = (): never => {
      throw new Error('trap')
    }
    const trapped = new Proxy(new Error('x'), new Proxy({}, { get: () => thrower }))
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const getter = Object.defineProperties(new Error('x'), {
      message: { get: thrower },
      name: { get: thrower },
    })
    for (const hostile of [trapped, proxy])
      expect(describeError(hostile)).toEqual({ name: 'Object', message: '' })
    expect(describeError(getter)).toEqual({ name: 'Error', message: '' })
  })

  test('anything at all', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
        (thrown) => {
          const { name, message } = describeError(thrown)
          expect(name).not.toBe('')
          expect(message.length).toBeLessThanOrEqual(256)
        },
      ),
    )
  })
})
