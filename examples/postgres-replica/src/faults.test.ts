import { expect, test } from 'vitest'
import { answered, failed } from '../test/support/reads.ts'
import { Faults } from './faults.ts'

test('times the failover pool by its switches', () => {
  const faults = new Faults()
  faults.strike('kill', 1_000)
  faults.sawSwitch('primary', 1_040)
  faults.mend(5_000)
  faults.sawSwitch('replica', 7_500)
  expect(faults.detectionMs('failover', 'kill')).toBe(40)
  expect(faults.recoveryMs('failover', 'kill')).toBe(2_500)
})

test('times the plain pool by what its reads meet', () => {
  const faults = new Faults()
  faults.sawRead(failed('plain', 900, 50))
  faults.strike('freeze', 1_000)
  faults.sawRead(answered('plain', 995, 10))
  faults.sawRead(failed('plain', 1_010, 2_000))
  faults.sawRead(failed('plain', 1_030, 2_000))
  faults.mend(6_000)
  faults.sawRead(answered('plain', 5_500, 600)) // sent too early to say when the replica was back
  faults.sawRead(answered('plain', 6_100, 30))
  expect(faults.detectionMs('plain', 'freeze')).toBe(2_010)
  expect(faults.recoveryMs('plain', 'freeze')).toBe(130)
})

test('does not take a switch back for a recovery while the replica is down', () => {
  const faults = new Faults()
  faults.strike('kill', 1_000)
  faults.sawSwitch('primary', 1_040)
  faults.sawSwitch('replica', 1_500)
  faults.mend(5_000)
  expect(faults.recoveryMs('failover', 'kill')).toBeUndefined()
})

test('keeps two faults apart, and knows nothing of one that was not', () => {
  const faults = new Faults()
  faults.strike('kill', 1_000)
  faults.sawSwitch('primary', 1_100)
  faults.strike('freeze', 9_000)
  faults.sawSwitch('primary', 9_300)
  expect(faults.detectionMs('failover', 'kill')).toBe(100)
  expect(faults.detectionMs('failover', 'freeze')).toBe(300)
  expect(faults.detectionMs('plain', 'kill')).toBeUndefined()
  expect(new Faults().recoveryMs('plain', 'kill')).toBeUndefined()
})

test('counts a read to the fault that it met, however short the meeting', () => {
  const faults = new Faults()
  faults.strike('kill', 1_000)
  faults.mend(4_000)
  faults.settle(5_000)
  faults.strike('freeze', 8_000)
  expect(faults.spellOf(answered('plain', 900, 50))).toBe('calm')
  expect(faults.spellOf(answered('plain', 990, 50))).toBe('kill')
  expect(faults.spellOf(answered('plain', 5_000, 50))).toBe('kill')
  expect(faults.spellOf(answered('plain', 6_000, 50))).toBe('calm')
  expect(faults.spellOf(failed('plain', 9_000, 50))).toBe('freeze')
})
