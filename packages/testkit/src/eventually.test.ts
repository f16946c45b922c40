import { expect, test } from 'vitest'

import { eventually } from './eventually.ts'

test('returns the first truthy value', async () => {
  let calls = 0
  expect(await eventually(() => (++calls < 3 ? 0 : calls), { everyMs: 1 })).toBe(3)
})

test('retries what throws, and passes what returns nothing', async () => {
  let calls = 0
  await eventually(() => expect(++calls).toBe(3), { everyMs: 1 })
  expect(calls).toBe(3)
})

test('says what it waited for, and why the last attempt failed', async () => {
  const attempt = () => Promise.reject(new Error('still closed'))
  const waiting = eventually(attempt, { timeoutMs: 30, everyMs: 1, what: 'the door' })
  await expect(waiting).rejects.toThrow('waited 30 ms for the door: still closed')
  await expect(waiting).rejects.toHaveProperty('cause.message', 'still closed')
})

test('gives up an attempt that hangs', async () => {
  const waiting = eventually(() => new Promise(() => {}), { timeoutMs: 30 })
  await expect(waiting).rejects.toThrow('the last attempt did not settle')
})

test('does not retry a final error', async () => {
  let calls = 0
  const attempt = () => {
    calls += 1
    throw new RangeError('never')
  }
  await expect(eventually(attempt, { isFinal: (error) => error instanceof RangeError })).rejects.toThrow(
    'never',
  )
  expect(calls).toBe(1)
})
