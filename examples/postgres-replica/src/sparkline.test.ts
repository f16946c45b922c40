import { expect, test } from 'vitest'
import { sparkline } from './sparkline.ts'

test('goes from the lowest bar to the full block', () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█')
})

test('shows nothing as blank and the least thing as a bar', () => {
  expect(sparkline([0, 0.001, -1], 60)).toBe(' ▁ ')
})

test('does not grow beyond the highest value', () => {
  expect(sparkline([60, 61, 6_000], 60)).toBe('███')
})

test('has one character per value', () => {
  expect(sparkline([], 60)).toBe('')
  expect(
    sparkline(
      Array.from({ length: 40 }, (_, index) => index),
      39,
    ),
  ).toHaveLength(40)
})
