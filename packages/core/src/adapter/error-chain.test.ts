import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { errorChain, isErrorLike } from './error-chain.ts'

const hostile = new Proxy(new Error('trap'), {
  get: () => {
    throw new Error('get')
  },
  has: () => {
    throw new Error('has')
  },
  getPrototypeOf: () => {
    throw new Error('getPrototypeOf')
  },
  getOwnPropertyDescriptor: () => {
    throw new Error('getOwnPropertyDescriptor')
  },
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  return proxy
}

/** An error with a cause, with a cause ... */
function nested(depth: number): Error {
  let error = new Error('0')
  for (let level = 1; level <= depth; level += 1) error = new Error(String(level), { cause: error })
  return error
}

describe('errorChain', () => {
  test('an error alone, and what is no error', () => {
    for (const alone of [new Error('x'), undefined, null, 'text', 7, Symbol('s'), () => {}, {}])
      expect(errorChain(alone)).toEqual([alone])
  })

  test('breadth first: near wrappers before far causes', () => {
    const far = new Error('far')
    const [one, two] = [new Error('one', { cause: far }), new Error('two')]
    const aggregate = new AggregateError([one, two], 'all')
    const outer = new TypeError('fetch failed', { cause: aggregate })
    expect(errorChain(outer)).toEqual([outer, aggregate, one, two, far])
  })

  test('parent and original, as Sequelize has them: once if they are the same', () => {
    const native = new Error('native')
    const wrapper = Object.assign(new Error('SequelizeDatabaseError'), { parent: native, original: native })
    expect(errorChain(wrapper)).toEqual([wrapper, native])
  })

  test('a parent that is no error is passed over', () => {
    const node = Object.assign(new Error('x'), { parent: { code: 'ECONNREFUSED' }, original: 'ECONNREFUSED' })
    expect(errorChain(node)).toEqual([node])
    const tree = { parent: new Error('of a tree') }
    expect(errorChain(tree)).toEqual([tree])
  })

  test('parent counts only on the error itself, cause may be inherited', () => {
    class Wrapper extends Error {
      get parent(): Error {
        return new Error('inherited parent')
      }
    }
    class Lazy extends Error {
      override get cause(): unknown {
        return native
      }
    }
    const native = new Error('native')
    expect(errorChain(new Wrapper('x'))).toHaveLength(1)
    const lazy = Object.create(Lazy.prototype) as Lazy
    expect(errorChain(lazy)).toEqual([lazy, native])
  })

  test('a cause on a polluted Object.prototype is nobody’s cause', () => {
    Reflect.set(Object.prototype, 'cause', new Error('planted'))
    try {
      expect(errorChain(new Error('x'))).toHaveLength(1)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'cause')
    }
  })

  test('cycles end', () => {
    const error = new Error('self')
    error.cause = new AggregateError([error, error])
    expect(errorChain(error)).toEqual([error, error.cause])
  })

  test('8 deep and 64 in all', () => {
    expect(errorChain(nested(7))).toHaveLength(8)
    expect(errorChain(nested(8))).toHaveLength(9)
    expect(errorChain(nested(100))).toHaveLength(9)
    const many = Array.from({ length: 100_000 }, () => new Error('x'))
    expect(errorChain(new AggregateError(many))).toHaveLength(64)
  })

  test('errors of another realm', () => {
    const error = runInNewContext(
      `new AggregateError([Object.assign(new Error('a'), { parent: new Error('b') })], 'c', { cause: new Error('d') })`,
    ) as Error
    expect(errorChain(error).map((each) => (each as Error).message)).toEqual(['c', 'd', 'a', 'b'])
  })

  test('what throws when it is read is passed over', () => {
    const throwing = Object.defineProperty(new Error('x'), 'cause', {
      get: () => {
        throw new Error('getter')
      },
    })
    expect(errorChain(throwing)).toEqual([throwing])
    expect(errorChain(hostile)).toHaveLength(1)
    const good = new Error('good')
    const listed = { errors: [hostile, good, throwing], cause: revoked() }
    expect(errorChain(listed)).toHaveLength(5)
    expect(errorChain(listed)).toContain(good)
  })

  test('a list that lies about its length, or cannot be read', () => {
    const long = new Proxy([], { get: (_, key) => (key === 'length' ? Infinity : undefined) })
    expect(errorChain({ errors: long })).toHaveLength(1)
    expect(errorChain({ errors: revoked() })).toHaveLength(1)
    expect(errorChain({ errors: { length: 2, 0: new Error('array-like') } })).toHaveLength(1)
  })

  test('a Proxy whose prototypes never end', () => {
    const endless: object = new Proxy({}, { getPrototypeOf: () => endless })
    expect(errorChain(endless)).toHaveLength(1)
  })

  test('what an opaque error wraps is not listed', () => {
    const inner = new Error('inner')
    const opaque = new RangeError('opaque', { cause: inner })
    const outer = new Error('outer', { cause: opaque })
    expect(errorChain(outer, (error) => error instanceof RangeError)).toEqual([outer, opaque])
    expect(errorChain(outer)).toEqual([outer, opaque, inner])
  })
})

describe('isErrorLike', () => {
  test('real errors, of any realm and any age', () => {
    function Old(): void {}
    Old.prototype = Object.create(Error.prototype) as Error
    const old = Reflect.construct(Old, []) as object
    for (const error of [new Error('x'), new DOMException('x'), old, runInNewContext('new TypeError()')])
      expect(isErrorLike(error)).toBe(true)
  })

  test('not what merely looks like one', () => {
    for (const value of [
      { name: 'Error', message: 'x', stack: 'x', code: 'ECONNREFUSED' },
      null,
      'Error',
      hostile,
    ])
      expect(isErrorLike(value)).toBe(false)
  })
})
