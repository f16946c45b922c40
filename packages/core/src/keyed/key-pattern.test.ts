import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import { keyTest } from './key-pattern.ts'

test.each([
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a.c', 'abc', false],
  ['*', 'x', true],
  ['*', 'a\nb', true],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['ab*ba', 'aba', false],
  ['ab*ba', 'abba', true],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'acbc', true],
  ['a*b*c', 'acb', false],
  ['*b*b*', 'b', false],
  ['*b*b*', 'abcbd', true],
  ['a**c', 'ac', true],
  ['https://*.example.com', 'https://a.b.example.com', true],
  ['https://*.example.com', 'https://example.com', false],
  ['__proto__', '__proto__', true],
])('%s and %s: %s', (pattern, key, expected) => {
  expect(keyTest('keys', pattern)(key)).toBe(expected)
})

test('a RegExp is asked anew each time, whatever its flags and wherever it was', () => {
  for (const flags of ['', 'g', 'y', 'gy']) {
    const pattern = new RegExp('^a', flags)
    pattern.lastIndex = 1
    const matches = keyTest('keys', pattern)
    expect([matches('ab'), matches('ab'), matches('ba')]).toEqual([true, true, false])
    expect(pattern.lastIndex).toBe(1)
  }
})

test('a RegExp of another realm is one', () => {
  expect(keyTest('keys', runInNewContext('/^a/'))('ab')).toBe(true)
})

test('a pattern with many stars takes no time', () => {
  const matches = keyTest('keys', `${'a*'.repeat(200)}b`)
  const started = process.cpuUsage()
  expect(matches('a'.repeat(512))).toBe(false)
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000)
})

test.each([[''], [undefined], [1], [['a']], [{ test: () => true }]])('%o is no pattern', (pattern) => {
  expect(() => keyTest('byKey[0].keys', pattern)).toThrow(InvalidOptionError)
})
