import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { retryAfterMs } from './retry-after.ts'

/** Its wall clock begins with 2026. */
const clock = new FakeClock()

function asked(header: string): number | undefined {
  return retryAfterMs(new Response(null, { status: 503, headers: { 'retry-after': header } }), clock)
}

test.each([
  ['0', 0],
  ['1', 1_000],
  [' 120 ', 120_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
  ['Thu Jan  1 00:01:00 2026', 60_000],
])('%s', (header, expected) => {
  expect(asked(header)).toBe(expected)
})

test.each([
  'Wed, 31 Dec 2025 23:59:59 GMT',
  '-1',
  '1.5',
  '1e3',
  '99999999999999999999',
  'soon',
  'Thu, soon',
  '2026-01-01T00:01:00Z',
  '',
])('%s says nothing', (header) => {
  expect(asked(header)).toBeUndefined()
})

test.each([
  [new Error('down')],
  [undefined],
  [{ headers: {} }],
  [{ headers: { get: () => 7 } }],
  [new Response()],
])('%o says nothing', (subject) => {
  expect(retryAfterMs(subject, clock)).toBeUndefined()
})
