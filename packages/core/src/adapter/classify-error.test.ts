import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FailoverError, PingError } from '../errors.ts'
import { classifyError, isLocalTrouble, isWeakError } from './classify-error.ts'

function coded(code: unknown, fields: object = {}): Error {
  return Object.assign(new Error(`failed with ${String(code)}`), { code }, fields)
}

const OUTAGES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'],
  ...['ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'ERR_SOCKET_CLOSED'],
  ...['ERR_STREAM_DESTROYED', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'],
]
const WEAK = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']
const LOCAL = ['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL']
const APPLICATION = [
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'],
  ...[
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'CERT_SOMETHING_NEW',
    'ENOENT',
    'EACCES',
    '23505',
    'ABORT_ERR',
    '',
    'toString',
  ],
]

describe('by code', () => {
  test.each(OUTAGES)('%s is an outage', (code) => {
    expect(classifyError(coded(code))).toBe('outage')
    expect(classifyError(new Error('wrapped', { cause: coded(code) }))).toBe('outage')
    expect([isWeakError(coded(code)), isLocalTrouble(coded(code))]).toEqual([false, false])
  })

  test.each(WEAK)('%s is weak and decides nothing', (code) => {
    const error = new TypeError('fetch failed', { cause: coded(code) })
    expect([classifyError(error), isWeakError(error), isLocalTrouble(error)]).toEqual([
      'application',
      true,
      false,
    ])
  })

  test.each(LOCAL)('%s is this host’s own trouble', (code) => {
    const error = new Error('wrapped', { cause: coded(code) })
    expect([classifyError(error), isWeakError(error), isLocalTrouble(error)]).toEqual([
      'application',
      false,
      true,
    ])
  })

  test.each(APPLICATION)('%j is the application’s', (code) => {
    const error = coded(code)
    expect([classifyError(error), isWeakError(error), isLocalTrouble(error)]).toEqual([
      'application',
      false,
      false,
    ])
  })

  test('a unix socket that is not there is an outage, a file that is not there is not', async () => {
    const error = await new Promise((resolve) => connect('/nowhere/failover.sock').on('error', resolve))
    expect(error).toMatchObject({ code: 'ENOENT' })
    expect(classifyError(error)).toBe('outage')
    expect(classifyError(coded('ENOENT', { syscall: 'open' }))).toBe('application')
  })
})

describe('by what an error wraps', () => {
  test('fetch to a port on which nobody listens any more', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ message: 'fetch failed' })
    expect(classifyError(error)).toBe('outage')
  })

  test('a wrapper with parent and original', () => {
    const native = coded('ECONNREFUSED')
    const wrapper = Object.assign(new Error('SequelizeConnectionError'), { parent: native, original: native })
    expect(classifyError(wrapper)).toBe('outage')
  })

  test('the outermost known code decides', () => {
    expect(classifyError(Object.assign(coded('CERT_HAS_EXPIRED'), { cause: coded('ECONNRESET') }))).toBe(
      'application',
    )
    expect(classifyError(Object.assign(coded('ECONNRESET'), { cause: coded('CERT_HAS_EXPIRED') }))).toBe(
      'outage',
    )
    expect(classifyError(Object.assign(coded('23505'), { cause: coded('ECONNRESET') }))).toBe('outage')
  })

  test('refused on one address, out of descriptors for the other: nothing is known', () => {
    const error = new AggregateError([coded('ECONNREFUSED'), coded('EMFILE')])
    expect([classifyError(error), isLocalTrouble(error)]).toEqual(['application', true])
  })

  test('refused on one address, no such address family here: an outage', () => {
    const error = Object.assign(new AggregateError([coded('EADDRNOTAVAIL'), coded('ECONNREFUSED')]), {
      code: 'EADDRNOTAVAIL',
    })
    expect([classifyError(error), isLocalTrouble(error)]).toEqual(['outage', false])
  })
})

describe('what is no evidence', () => {
  test('an error of ours, whatever it wraps and whatever wraps it', () => {
    const ours = new PingError('ERR_PING_FAILED', 'down', { cause: coded('ECONNREFUSED') })
    for (const error of [ours, new Error('wrapped', { cause: ours }), new AggregateError([ours])])
      expect(classifyError(error)).toBe('application')
    expect(
      isWeakError(new FailoverError('ERR_CIRCUIT_OPEN', 'x', { cause: coded('UND_ERR_BODY_TIMEOUT') })),
    ).toBe(false)
  })

  test('but an error beside it is', () => {
    const ours = new PingError('ERR_PING_FAILED', 'down')
    expect(classifyError(new AggregateError([ours, coded('ECONNREFUSED')]))).toBe('outage')
  })

  test('a code that came from a request: an object, or a field of a real error', () => {
    const body: unknown = JSON.parse('{"name":"Error","message":"x","stack":"x","code":"ECONNREFUSED"}')
    expect(classifyError(body)).toBe('application')
    expect(classifyError(new Error('invalid', { cause: body }))).toBe('application')
    expect(classifyError(Object.assign(new Error('invalid'), { body, errors: [body] }))).toBe('application')
  })

  test('a code that is no string, or on a polluted Object.prototype', () => {
    expect(classifyError(coded({ toString: () => 'ECONNREFUSED' }))).toBe('application')
    Reflect.set(Object.prototype, 'code', 'ECONNREFUSED')
    try {
      expect(classifyError(new Error('x'))).toBe('application')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'code')
    }
  })

  test('an inherited code of a class counts, and one of another realm', () => {
    class Refused extends Error {
      get code(): string {
        return 'ECONNREFUSED'
      }
    }
    expect(classifyError(new Refused('x'))).toBe('outage')
    expect(classifyError(runInNewContext(`Object.assign(new Error('x'), { code: 'EPIPE' })`))).toBe('outage')
  })

  test('anything that can be thrown has a verdict', () => {
    const throwing = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('trap')
      },
      getPrototypeOf: () => {
        throw new Error('trap')
      },
    })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const thrown of [undefined, null, 'ECONNREFUSED', 7, 7n, Symbol('x'), () => {}, throwing, proxy]) {
      expect(classifyError(thrown)).toBe('application')
      expect([isWeakError(thrown), isLocalTrouble(thrown)]).toEqual([false, false])
    }
  })
})
