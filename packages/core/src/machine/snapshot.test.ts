import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRules, anyStory, RandomWorld } from '../../test/properties/random-world.ts'
import { projectedCircuit } from './projection.ts'
import { fromSnapshot, toSnapshot, type CircuitSnapshot } from './snapshot.ts'
import type { MachineState } from './state.ts'
import { Drive, drive, reset, withoutPing } from './test-support.ts'
import { transition } from './transition.ts'

const TAKEN_AT = Date.UTC(2026, 0, 1)

function stored({ state, now }: { state: MachineState; now: number }): CircuitSnapshot {
  return JSON.parse(JSON.stringify(toSnapshot(state, now, TAKEN_AT))) as CircuitSnapshot
}

/** The same circuit in another process, whose clock shows something else, so much later. */
function restored(world: Drive, { now = 7_000_000, ageMs = 0 } = {}): Drive {
  const other = new Drive(world.rules).at(now)
  other.state = fromSnapshot(stored(world), world.rules, now, ageMs)
  return other
}

const lone = { ...withoutPing, openMs: 60_000, longestOpenMs: 200_000, trialTimeoutMs: 20_000 }

describe('it survives JSON', () => {
  test('in any state: nothing is lost, and nothing is there that JSON cannot say', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const world = new RandomWorld(rules).live(story)
      expect(stored(world)).toEqual(toSnapshot(world.state, world.now, TAKEN_AT))
    })
    fc.assert(property)
  })

  test('a circuit that was restored and stored again, at once, says the same', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const world = new RandomWorld({ ...rules, hasPing: false, hasFailover: false }).live(story)
      const snapshot = stored(world)
      const again = fromSnapshot(snapshot, world.rules, 123_456, 0)
      expect(toSnapshot(again, 123_456, TAKEN_AT)).toEqual(snapshot)
    })
    fc.assert(property)
  })
})

describe('a restored circuit', () => {
  test('that was closed admits', () => {
    expect(restored(drive(lone)).call().asked).toEqual(['admit'])
  })

  test('that was open goes on with what was left of its open time', () => {
    const world = restored(drive(lone).trip().at(20_000), { now: 500 })
    expect([world.projected, world.at(40_499).projected, world.at(40_500).projected]).toEqual([
      'open',
      'open',
      'half-open',
    ])
  })

  test('has been open meanwhile as well', () => {
    const world = restored(drive(lone).trip().at(20_000), { now: 500_000, ageMs: 40_000 })
    expect(world.projected).toBe('half-open')
    expect(world.call().asked).toEqual(['admit', 'trigger-ping'])
  })

  test('that was half-open offers a trial at once: those of the other process are gone with it', () => {
    const world = restored(drive(lone).trip().at(60_000).call())
    expect(world.projected).toBe('half-open')
    expect(world.call().trial('succeeded').circuit).toBe('closed')
  })

  test('goes on doubling its open time', () => {
    const world = restored(drive(lone).trip().at(60_000).call().trial('failed').at(180_000))
    expect(world.call().trial('failed').state.openMs).toBe(200_000)
  })

  test('that closed a moment ago remembers how long it was open', () => {
    const world = restored(drive(lone).trip().at(60_000).call().trial('succeeded'), { now: 1_000 })
    expect(world.at(60_999).trip().state.openMs).toBe(120_000)
  })

  test('that has stayed closed for long enough does not', () => {
    const world = restored(drive(lone).trip().at(60_000).call().trial('succeeded'), { now: 1_000 })
    expect(world.at(61_000).trip().state.openMs).toBe(60_000)
  })

  test('goes on with its outage, and does not tell its beginning twice', () => {
    const world = restored(drive(lone).trip().at(30_000), { now: 1_000, ageMs: 5_000 }).timePasses()
    expect(world.told).toEqual([])
    expect(world.at(26_000).call().trial('succeeded').events('outage-ended')).toEqual([
      { type: 'outage-ended', durationMs: 60_000 },
    ])
  })

  test('that pings found dead is due when it would have been: so long after the last of them', () => {
    const world = drive({ openMs: 60_000 }).ping('failed').at(30_000).ping('failed').at(50_000)
    const other = restored(world, { now: 0 })
    other.state = { ...other.state, lastPing: { at: 0, result: 'misconfigured' } }
    expect([other.at(39_999).projected, other.at(40_000).projected]).toEqual(['open', 'half-open'])
  })

  test('says why', () => {
    expect(restored(drive(lone).trip()).state.outage).toMatchObject({ cause: 'calls', error: reset })
  })
})

describe('a hold', () => {
  const hold = { reason: 'moving house', author: 'ada' }

  test.each(['open', 'closed', 'observe'] as const)('on %s survives, with reason and author', (kind) => {
    expect(restored(drive(lone).hold(kind, hold)).state.hold).toMatchObject({ kind, ...hold })
  })

  test('without an expiry stays until it is ended', () => {
    const world = restored(drive(lone).hold('open'), { ageMs: 1e12 })
    expect(world.at(1e12).call().asked).toContain('refuse')
    expect(world.unhold().call().asked).toEqual(['admit'])
  })

  test('expires when it would have', () => {
    const world = restored(drive(lone).at(100).hold('open', { expiresAt: 10_100 }), { now: 0, ageMs: 4_000 })
    expect(world.at(5_999).call().asked).toContain('refuse')
    expect(world.at(6_000).call().asked).toEqual(['admit'])
  })

  test('that expired meanwhile is over, and is told to be', () => {
    const world = restored(drive(lone).hold('open', { expiresAt: 10_000 }), { ageMs: 10_000 })
    expect(world.call().asked).toEqual(['admit'])
    expect(world.events('hold-changed')).toMatchObject([{ hold: 'none', previous: 'open', expired: true }])
  })
})

test('time that passes in storage and time that passes in the process are the same', () => {
  const times = fc.integer({ min: 0, max: 100 })
  const property = fc.property(anyRules, anyStory, times, times, (rules, story, aged, later) => {
    const world = new RandomWorld({ ...rules, hasPing: false, hasFailover: false }).live(story)
    const snapshot = stored(world)
    const look = (ageMs: number, now: number): unknown => {
      const { state } = transition(
        fromSnapshot(snapshot, rules, 1_000, ageMs),
        { type: 'time-passed' },
        rules,
        now,
      )
      return [state.hold?.kind, state.openings, state.openMs, projectedCircuit(state, world.rules, now)]
    }
    expect(look(aged, 1_000 + later)).toEqual(look(0, 1_000 + aged + later))
  })
  fc.assert(property)
})
