import { describe, expect, test } from 'vitest'
import { isLive, originOf, signalOf, withSignal } from './fetch-request.ts'

test.each([
  ['http://example.com/a?b#c', 'http://example.com'],
  ['HTTPS://User:Secret@EXAMPLE.com:443/', 'https://example.com'],
  ['http://example.com:8080', 'http://example.com:8080'],
  ['http://[::1]:80/', 'http://[::1]'],
  [new URL('https://example.com/a'), 'https://example.com'],
  [new Request('https://example.com/a'), 'https://example.com'],
])('%s is of %s', (input, expected) => {
  expect(originOf(input)).toBe(expected)
})

test.each([
  ['/relative'],
  ['example.com'],
  [''],
  ['http://'],
  ['data:text/plain,hello'],
  ['blob:http://example.com/1'],
  ['file:///etc/hosts'],
  ['ftp://example.com'],
  [`http://${'a.'.repeat(300)}com`],
  [undefined],
  [7],
  [{}],
  [Symbol('url')],
])('%o has no origin', (input) => {
  expect(originOf(input)).toBeUndefined()
})

describe('the signal', () => {
  const { signal } = new AbortController()
  const request = new Request('http://example.com', { signal })

  test('of the options, else of the Request', () => {
    expect(signalOf('http://example.com', undefined)).toBeUndefined()
    expect(signalOf('http://example.com', null)).toBeUndefined()
    expect(signalOf('http://example.com', { signal })).toBe(signal)
    expect(signalOf(request, undefined)).toBe(request.signal)
    expect(signalOf(request, { signal: undefined })).toBe(request.signal)
    expect(signalOf(request, { signal })).toBe(signal)
    expect(signalOf(request, { signal: null })).toBeUndefined()
    expect(signalOf('http://example.com', request)).toBe(request.signal)
  })

  test('lives until it is aborted', () => {
    expect([isLive(signal), isLive(AbortSignal.abort()), isLive({}), isLive('signal')]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('is replaced in options of any kind, and nothing else is', async () => {
    expect(withSignal(undefined, signal)).toEqual({ signal })
    const plain = { method: 'POST' }
    expect(withSignal(plain, signal)).toEqual({ method: 'POST', signal })
    expect(plain).toEqual({ method: 'POST' })
    const options = new Request('http://example.com', { method: 'POST', body: 'text', headers: { a: 'b' } })
    const made = new Request('http://example.com', withSignal(options, signal))
    expect([made.method, made.headers.get('a'), made.headers.get('content-type')]).toEqual([
      'POST',
      'b',
      'text/plain;charset=UTF-8',
    ])
  })
})
