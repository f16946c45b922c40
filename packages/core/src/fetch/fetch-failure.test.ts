import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { CallTimeoutError } from '../errors.ts'
import { isFailureResponse, isFetchFailure } from './fetch-failure.ts'

function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause })
}

function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error('some text'), { code, ...more })
}

describe('errors that count', () => {
  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_SOCKET',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_HEADERS_OVERFLOW',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'HPE_INVALID_CONSTANT',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'EPROTO',
    'ERR_HTTP2_GOAWAY_SESSION',
  ])('fetch failed because of %s', (code) => {
    expect(isFetchFailure(fetchFailed(coded(code)))).toBe(true)
    expect(isFetchFailure(coded(code))).toBe(true)
  })

  test('several addresses were refused', () => {
    expect(
      isFetchFailure(fetchFailed(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))),
    ).toBe(true)
  })

  test('a system call that speaks with the origin', () => {
    expect(isFetchFailure(fetchFailed(coded('EACCES', { syscall: 'connect' })))).toBe(true)
    expect(isFetchFailure(fetchFailed(coded('EAI_FAIL', { syscall: 'getaddrinfo' })))).toBe(true)
  })

  test('what answers is no HTTP, with a code or without', () => {
    const error = Object.assign(new Error('x'), { name: 'HTTPParserError', code: undefined })
    expect(isFetchFailure(fetchFailed(error))).toBe(true)
  })

  test('time is up: the breaker’s, or that of a signal', () => {
    expect(isFetchFailure(new CallTimeoutError('https://example.com', 1))).toBe(true)
    expect(isFetchFailure(new DOMException('', 'TimeoutError'))).toBe(true)
  })

  test('errors of another realm', () => {
    const error: unknown = runInNewContext(
      'new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) })',
    )
    expect(isFetchFailure(error)).toBe(true)
  })
})

describe('errors that say nothing', () => {
  test.each([
    ['an abort', new DOMException('', 'AbortError')],
    ['undici’s abort', Object.assign(coded('UND_ERR_ABORTED'), { name: 'AbortError' })],
    ['a bug', new TypeError('x is not a function')],
    ['an invalid URL', new TypeError('Invalid URL', { cause: coded('ERR_INVALID_URL') })],
    ['an invalid argument', coded('ERR_INVALID_ARG_TYPE')],
    ['an invalid argument of undici', fetchFailed(coded('UND_ERR_INVALID_ARG'))],
    ['a wrong content-length of the request', fetchFailed(coded('UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'))],
    ['a dispatcher that the application closed', fetchFailed(coded('UND_ERR_CLOSED'))],
    ['too many redirects', fetchFailed(new Error('redirect count exceeded'))],
    ['an unknown scheme', fetchFailed(new Error('unknown scheme'))],
    ['no descriptor left', fetchFailed(coded('EMFILE', { syscall: 'connect' }))],
    ['no port left', fetchFailed(coded('EADDRNOTAVAIL', { syscall: 'connect' }))],
    ['a file', coded('EACCES', { syscall: 'open' })],
    ['an object that poses as an error', { code: 'ECONNREFUSED' }],
    ['a text', 'ECONNREFUSED'],
    ['nothing', undefined],
    [
      'something that throws when it is read',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no')
          },
        },
      ),
    ],
  ])('%s', (_, error) => {
    expect(isFetchFailure(error)).toBe(false)
  })
})

test.each([
  [200, false],
  [304, false],
  [400, false],
  [404, false],
  [408, false],
  [429, true],
  [499, false],
  [500, true],
  [501, false],
  [502, true],
  [503, true],
  [504, true],
  [505, false],
  [511, true],
])('status %i: %s', (status, expected) => {
  expect(isFailureResponse(new Response(null, { status }))).toBe(expected)
})

test('what is no response is no failure', () => {
  for (const result of [undefined, null, 500, '500', { status: '500' }, {}])
    expect(isFailureResponse(result)).toBe(false)
})
