import { expect, test } from 'vitest'
import { answered, failed } from '../test/support/reads.ts'
import { Meter } from './meter.ts'

test('counts what was answered and what failed', () => {
  const meter = new Meter(0)
  meter.record(answered('plain', 0), 'calm')
  meter.record(failed('plain', 10), 'kill')
  meter.record(answered('plain', 20), 'calm')
  expect(meter).toMatchObject({ answered: 2, failed: 1, finished: 3, lastError: 'refused' })
})

test('keeps the latency of each kind of spell, of failed reads too', () => {
  const meter = new Meter(0)
  for (let read = 0; read < 98; read += 1) meter.record(answered('plain', read, 2), 'calm')
  meter.record(answered('plain', 98, 50), 'calm')
  meter.record(answered('plain', 99, 400), 'calm')
  meter.record(failed('plain', 100, 2_000), 'freeze')
  const calm = meter.latency('calm')
  expect(calm?.p50).toBeCloseTo(2, 1)
  expect(calm?.p99).toBeCloseTo(50, 0)
  expect(calm?.worst).toBeCloseTo(400, 0)
  expect(meter.latency('freeze')?.p50).toBeCloseTo(2_000, -1)
  expect(meter.latency('kill')).toBeUndefined()
})

test('forgets the latency of reads that are long over', () => {
  const meter = new Meter(0)
  meter.record(answered('plain', 0, 900), 'calm')
  meter.record(answered('plain', 6_000, 3), 'calm')
  expect(meter.recentLatency(7_000)?.worst).toBeCloseTo(3, 1)
  expect(meter.recentLatency(60_000)).toBeUndefined()
})

test('tells the seconds that are over, the empty ones too', () => {
  const meter = new Meter(10_000)
  meter.record(answered('plain', 10_100, 5), 'calm')
  meter.record(failed('plain', 10_200, 7), 'calm')
  meter.record(answered('plain', 12_100, 9), 'calm')
  const empty = { answered: 0, failed: 0, slowestMs: 0 }
  expect(meter.seconds(12_500, 9)).toEqual([{ answered: 1, failed: 1, slowestMs: 7 }, empty])
  expect(meter.seconds(13_500, 2)).toEqual([empty, { answered: 1, failed: 0, slowestMs: 9 }])
  expect(meter.seconds(9_000, 9)).toEqual([])
})

test('measures the longest time without an answer', () => {
  const meter = new Meter(0)
  meter.record(answered('plain', 15), 'calm')
  for (let at = 100; at < 3_000; at += 100) meter.record(failed('plain', at), 'kill')
  meter.record(answered('plain', 3_015), 'kill')
  meter.record(answered('plain', 3_031), 'kill')
  expect(meter.longestSilenceMs('calm')).toBe(16)
  expect(meter.longestSilenceMs('kill')).toBe(3_000)
  expect(meter.longestSilenceMs('freeze')).toBe(0)
})
