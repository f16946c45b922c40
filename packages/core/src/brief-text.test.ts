import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { briefText } from './brief-text.ts'
import { redact } from './redact.ts'

test.each([
  'connect ECONNREFUSED 127.0.0.1:5432',
  'getaddrinfo ENOTFOUND db.internal',
  'status 503',
  'Überlauf: 日本',
])('%s is told', (text) => {
  expect(text.startsWith(briefText(text))).toBe(true)
  expect(briefText(text).length).toBeGreaterThan(7)
})

test('an address keeps its port', () => {
  expect(briefText('connect ECONNREFUSED 127.0.0.1:5432')).toBe('connect ECONNREFUSED 127.0.0.1:5432')
})

test('an empty text stays empty', () => {
  expect(briefText('')).toBe('')
})

test('line breaks, escapes and bidirectional marks, which would forge a log line, are gone', () => {
  const shown = briefText('one\ntwo\r\u001b[31mred\u202Eback\u2028next\u0000end')
  expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})

test('it is short, whatever comes, and whole characters remain', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
    expect(briefText(text).length).toBeLessThanOrEqual(200)
    expect(briefText(text)).not.toMatch(/\p{Cs}/u)
  })
  fc.assert(property)
})

test('a text of megabytes costs no time', () => {
  expect(briefText(':'.repeat(10_000_000)).length).toBeLessThanOrEqual(200)
})

describe('a secret that is hidden elsewhere is hidden here', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const secret = fc.string({ unit: fc.constantFrom(...letters), minLength: 8, maxLength: 20 })
  const label = fc.constantFrom(
    'password',
    'PASSWORD',
    'passwd',
    'pwd',
    'pgpass',
    'passphrase',
    'client_secret',
    'apiKey',
    'api-key',
    'access_token',
    'sessionToken',
    'Authorization',
    'requirepass',
  )
  const sentence = fc.constantFrom(
    (word: string, value: string) => `refused: ${word}=${value}`,
    (word: string, value: string) => `refused with ${word}=${value}`,
    (word: string, value: string) => `refused with ${word}:${value}`,
    (word: string, value: string) => `refused with ${word}: ${value}`,
    (word: string, value: string) => `refused with ${word} => ${value}`,
    (word: string, value: string) => `refused with --${word} ${value}`,
    (word: string, value: string) => `refused {"${word}": "${value}"}`,
    (word: string, value: string) => `refused: ${word} ${value}`,
    (word: string, value: string) => `refused ${word} '${value}'`,
    (_: string, value: string) => `refused app:${value}@db.internal:5432`,
    (_: string, value: string) => `refused postgres://app:${value}@db.internal/shop`,
    (_: string, value: string) => `refused redis://:${value}@cache`,
    (_: string, value: string) => `refused with Bearer ${value}`,
    (_: string, value: string) => `ERR unknown command AUTH app ${value}`,
    (_: string, value: string) => `near IDENTIFIED BY '${value}'`,
  )

  test('whatever it looks like', () => {
    const property = fc.property(label, secret, sentence, (word, value, say) => {
      const text = say(word, value)
      fc.pre(!redact(text).includes(value))
      expect(briefText(text)).not.toContain(value)
    })
    fc.assert(property, { numRuns: 5_000 })
  })

  test.each([
    ['credentials that begin with a digit', 'refused app:7hunter2@db.internal:5432', '7hunter2'],
    ['a labelled secret that begins with a digit', 'refused with client_secret:7hunter2', '7hunter2'],
    ['a secret of a command line', 'refused with --client-secret hunter2', 'hunter2'],
    ['a secret of Redis', 'refused requirepass hunter2', 'hunter2'],
  ])('%s', (_name, text, value) => {
    expect(redact(text)).not.toContain(value)
    expect(briefText(text)).not.toContain(value)
  })
})
