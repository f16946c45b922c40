import { expect, test } from 'vitest'
import { formatMs, formatShare } from './format.ts'

test.each([
  [0, '0.0 ms'],
  [1.24, '1.2 ms'],
  [10, '10 ms'],
  [999, '999 ms'],
  [1_000, '1.00 s'],
  [2_014, '2.01 s'],
])('%d ms is %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text)
})

test.each([
  [0, 0, '0 %'],
  [0, 9, '0 %'],
  [1, 10_000, '0.1 %'],
  [1, 3, '33.3 %'],
])('%d of %d is %s', (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text)
})
