import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visibleCircuit } from '../../src/machine/projection.ts'
import type { Signal } from '../../src/machine/signal.ts'
import { transition } from '../../src/machine/transition.ts'
import { anyRules, anyStory, RandomWorld } from './random-world.ts'
import { error, runningHook, tickRules } from './world.ts'

const RUNS = { numRuns: 1_500 }

describe('whatever happens, in whatever order', () => {
  it('every step keeps every invariant, mutates nothing, and never throws', () => {
    fc.assert(
      fc.property(anyRules, anyStory, (rules, story) => void new RandomWorld(rules).live(story)),
      RUNS,
    )
  })

  it('outages begin and end in turn', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const { events, state } = new RandomWorld(rules).live(story)
      const marks = events.filter(({ type }) => type === 'outage-began' || type === 'outage-ended')
      marks.forEach(({ type }, index) => expect(type).toBe(index % 2 === 0 ? 'outage-began' : 'outage-ended'))
      expect(marks.length % 2 === 1).toBe(state.outage !== undefined)
    })
    fc.assert(property, RUNS)
  })

  it('answers of an earlier generation, of settled trials and of unknown hooks move nothing', () => {
    const stale: fc.Arbitrary<(generation: number) => Signal> = fc.constantFrom(
      (generation: number): Signal => ({ type: 'calls-tripped', generation: generation - 1, error }),
      (generation: number): Signal => ({ type: 'trial-failed', generation: generation - 1, trial: 1, error }),
      (generation: number): Signal => ({ type: 'trial-succeeded', generation, trial: 0 }),
      (generation: number): Signal => ({ type: 'trial-ignored', generation, trial: 0 }),
      (): Signal => ({ type: 'hook-failed', hook: 'failover', attempt: 0, error }),
      (): Signal => ({ type: 'hook-timed-out', hook: 'recover', attempt: 0, error }),
    )
    const property = fc.property(anyRules, anyStory, stale, (rules, story, late) => {
      const world = new RandomWorld(rules).live(story)
      world.send({ type: 'time-passed' })
      const { state, now } = world
      const after = transition(state, late(state.generation), rules, now)
      expect(after).toEqual({ state: { ...state, ignored: state.ignored + 1 }, effects: [] })
    })
    fc.assert(property, RUNS)
  })

  it('all is well again after enough good pings or trials, with hooks that fulfil', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const world = new RandomWorld(rules).live(story)
      world.send({ type: 'unheld' })
      for (let turn = 0; turn < 30 && !isWell(world); turn++) getBetter(world)
      expect([world.state.circuit.name, visibleCircuit(world.state)]).toEqual(['closed', 'closed'])
    })
    fc.assert(property, RUNS)
  })
})

function isWell({ state }: RandomWorld): boolean {
  return state.circuit.name === 'closed' && visibleCircuit(state) === 'closed'
}

function getBetter(world: RandomWorld): void {
  world.now += 100
  world.send({ type: 'time-passed' })
  const hook = runningHook(world.state)
  if (hook !== undefined) world.send({ type: 'hook-fulfilled', ...hook })
  if (world.rules.hasPing) return world.send({ type: 'ping-succeeded' })
  world.send({ type: 'call' })
  const { circuit, generation } = world.state
  const trial = circuit.name === 'half-open' ? circuit.trials[0]?.id : undefined
  if (trial !== undefined) world.send({ type: 'trial-succeeded', generation, trial })
}

describe('a service that flaps', () => {
  const HOUR = 3_600_000
  type Act = 'flip' | 'trip' | 'call' | 'wait'
  const acts = fc.array(
    fc.record({
      act: fc.constantFrom<Act[]>('flip', 'flip', 'flip', 'trip', 'call', 'wait'),
      share: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 30 },
  )

  /** Against the evidence each time: as often as pings can turn it over. */
  function act(world: RandomWorld, what: Act): void {
    const { circuit, generation } = world.state
    if (what === 'wait') return world.send({ type: 'time-passed' })
    if (what === 'trip') return world.send({ type: 'calls-tripped', generation, error })
    if (what === 'call') return world.send({ type: 'call' })
    const trial = circuit.name === 'half-open' ? circuit.trials[0]?.id : undefined
    if (trial !== undefined) return world.send({ type: 'trial-succeeded', generation, trial })
    world.send(circuit.name === 'closed' ? { type: 'ping-failed', error } : { type: 'ping-succeeded' })
  }

  it.each([true, false])('turns over no more often than its first open time allows (ping: %s)', (hasPing) => {
    const property = fc.property(fc.integer({ min: 10, max: 120 }), acts, (seconds, plan) => {
      const openMs = seconds * 1_000
      const times = { openMs, longestOpenMs: 10 * openMs, trialTimeoutMs: openMs }
      const world = new RandomWorld({ ...tickRules, ...times, hasPing, hasFailover: false })
      world.send(hasPing ? { type: 'ping-failed', error } : { type: 'calls-tripped', generation: 0, error })
      for (let turn = 0; world.now < HOUR; turn++) {
        const { act: what, share } = plan[turn % plan.length] ?? { act: 'wait', share: 40 }
        world.now += (openMs * share) / 20
        if (world.now < HOUR) act(world, what)
      }
      const edges = world.events.filter(({ type }) => type === 'circuit-changed').length - 1
      expect(edges).toBeLessThanOrEqual(7_200_000 / openMs)
    })
    fc.assert(property, { numRuns: 150 })
  })

  it('turns over as the bound says and no less in the worst case: so it is tight', () => {
    const openMs = 60_000
    const world = new RandomWorld({ ...tickRules, openMs, longestOpenMs: 300_000, hasFailover: false })
    for (world.now = 0; world.now < HOUR; world.now += openMs) {
      world.send({ type: 'ping-failed', error })
      world.send({ type: 'ping-succeeded' })
    }
    expect(world.events.filter(({ type }) => type === 'circuit-changed')).toHaveLength(7_200_000 / openMs)
  })
})

describe('an outage of any length', () => {
  it('is told 1 + floor(length / interval) times, once more or less at the boundaries', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 60 })
    const property = fc.property(fc.integer({ min: 100, max: 400 }), gaps, (outageLogIntervalMs, waits) => {
      const world = new RandomWorld({ ...tickRules, outageLogIntervalMs, hasFailover: false })
      world.send({ type: 'ping-failed', error })
      for (const wait of waits) {
        world.now += wait
        world.send({ type: 'ping-failed', error })
      }
      world.send({ type: 'ping-succeeded' })
      const told = world.events.filter(
        ({ type }) => type === 'outage-began' || type === 'outage-continues',
      ).length
      expect(Math.abs(told - 1 - Math.floor(world.now / outageLogIntervalMs))).toBeLessThanOrEqual(1)
      expect(world.events.filter(({ type }) => type === 'outage-ended')).toHaveLength(1)
    })
    fc.assert(property, RUNS)
  })
})
