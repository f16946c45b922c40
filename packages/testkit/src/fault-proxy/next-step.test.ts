import { describe, expect, test } from 'vitest'

import type { Arrival, LaneView } from './next-step.ts'
import { dripAfter, nextStep } from './next-step.ts'

const bytes = (length: number): Arrival => ({
  kind: 'bytes',
  bytes: Buffer.alloc(length),
  at: 100,
  luck: 0.5,
})
const fin: Arrival = { kind: 'fin', at: 100, luck: 0 }
const rst: Arrival = { kind: 'rst', at: 100, luck: 0 }

const stepWith = (view: Partial<LaneView>) =>
  nextStep({
    mode: { kind: 'pass' },
    head: undefined,
    sinceMode: 0,
    isFinished: false,
    dripAt: 0,
    now: 100,
    ...view,
  })

describe('pass', () => {
  test.each([
    ['nothing', undefined, { do: 'wait' }],
    ['bytes', bytes(3), { do: 'forward', bytes: 3 }],
    ['FIN', fin, { do: 'finish' }],
    ['RST', rst, { do: 'reset' }],
  ])('%s', (_name, head, step) => expect(stepWith({ head })).toEqual(step))
})

describe('black-hole', () => {
  const mode = { kind: 'black-hole' } as const
  test('swallows bytes', () => expect(stepWith({ mode, head: bytes(3) })).toEqual({ do: 'swallow' }))
  test.each([fin, rst])('keeps $kind for later', (head) =>
    expect(stepWith({ mode, head })).toEqual({ do: 'wait' }),
  )
})

describe('reset at byte 5', () => {
  const mode = { kind: 'reset', atByte: 5 } as const
  test('forwards up to there', () =>
    expect(stepWith({ mode, head: bytes(9), sinceMode: 2 })).toEqual({ do: 'forward', bytes: 3 }))
  test('resets there, without waiting for more', () =>
    expect(stepWith({ mode, sinceMode: 5 })).toEqual({ do: 'reset' }))
  test('at byte 0 waits for the first byte', () => {
    const atOnce = { kind: 'reset', atByte: 0 } as const
    expect(stepWith({ mode: atOnce })).toEqual({ do: 'wait' })
    expect(stepWith({ mode: atOnce, head: bytes(1) })).toEqual({ do: 'reset' })
  })
})

describe('latency', () => {
  const mode = { kind: 'latency', ms: 40, jitterMs: 10 } as const
  test('waits for its time, jitter included', () =>
    expect(stepWith({ mode, head: bytes(3) })).toEqual({ do: 'wait', ms: 45 }))
  test('then forwards', () =>
    expect(stepWith({ mode, head: bytes(3), now: 145 })).toEqual({ do: 'forward', bytes: 3 }))
  test('delays the end as well', () => expect(stepWith({ mode, head: fin })).toEqual({ do: 'wait', ms: 40 }))
})

describe('slow-drip', () => {
  const mode = { kind: 'slow-drip', bytesPerSecond: 100 } as const
  test('forwards a slice', () =>
    expect(stepWith({ mode, head: bytes(9) })).toEqual({ do: 'forward', bytes: 2 }))
  test('waits for the next', () =>
    expect(stepWith({ mode, head: bytes(9), dripAt: 120 })).toEqual({ do: 'wait', ms: 20 }))
  test('whose time follows from the rate', () => expect(dripAfter(mode, 2, 100)).toBe(120))
})

describe('half-close', () => {
  const mode = { kind: 'half-close' } as const
  test('sends FIN at once', () => expect(stepWith({ mode })).toEqual({ do: 'finish' }))
  test('then swallows', () =>
    expect(stepWith({ mode, head: bytes(3), isFinished: true })).toEqual({ do: 'swallow' }))
})

test('reply-drop drops at the first byte', () => {
  expect(stepWith({ mode: { kind: 'reply-drop' }, head: bytes(1) })).toEqual({ do: 'drop' })
})
