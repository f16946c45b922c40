import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRules, anyStory, deepFreeze, RandomWorld } from '../../test/properties/random-world.ts'
import { standingAnswer, type StandingAnswer } from './admission.ts'
import { nextDeadline } from './deadlines.ts'
import type { Effect } from './effect.ts'
import { hookDeadlines } from './failover-region.ts'
import type { Rules } from './rules.ts'
import type { MachineState } from './state.ts'
import { drive, withHooks, withoutPing, type Drive } from './test-support.ts'
import { transition } from './transition.ts'

const RUNS = { numRuns: 3_000 }

function standing(state: MachineState, rules: Rules): StandingAnswer | undefined {
  return standingAnswer(state, rules, nextDeadline(state, hookDeadlines(state))?.at ?? Infinity)
}

/** A moment between now and the end of what stands. */
function momentBefore(until: number, now: number, share: number): number {
  const most = Math.min(until - now, 1_000_000)
  return now + Math.min(most * share, most - Number.EPSILON * 1_000_000)
}

function answerOf(
  effects: readonly Effect[],
): Extract<Effect, { type: 'admit' | 'rescue' | 'refuse' }> | undefined {
  return effects.find(
    (effect) => effect.type === 'admit' || effect.type === 'rescue' || effect.type === 'refuse',
  )
}

const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))

describe('until its time is over, the standing answer is what the machine says', () => {
  test('to one call, after anything that may have happened', () => {
    const property = fc.property(anyRules, anyStory, share, (rules, story, part) => {
      const world = new RandomWorld(rules).live(story)
      world.send({ type: 'time-passed' })
      const { state, now } = world
      const said = standing(state, rules)
      if (said === undefined || said.until <= now) return
      const { effects } = transition(
        deepFreeze(state),
        { type: 'call' },
        rules,
        momentBefore(said.until, now, part),
      )
      const answer = answerOf(effects)
      expect(answer?.type).toBe(said.answer)
      expect(answer).not.toHaveProperty('trial', expect.any(Number))
      if (answer?.type === 'admit') expect(answer.generation).toBe(state.generation)
    })
    fc.assert(property, RUNS)
  })

  test('to any number of calls: one that is refused or rescued changes nothing and tells nobody', () => {
    const property = fc.property(
      anyRules,
      anyStory,
      fc.array(share, { maxLength: 10 }),
      (rules, story, parts) => {
        const world = new RandomWorld(rules).live(story)
        world.send({ type: 'time-passed' })
        const said = standing(world.state, rules)
        if (said === undefined || said.answer === 'admit' || said.until <= world.now) return
        for (const part of parts.sort((a, b) => a - b)) {
          const at = momentBefore(said.until, world.now, part)
          const { state, effects } = transition(deepFreeze(world.state), { type: 'call' }, rules, at)
          expect(state).toEqual(world.state)
          expect(standing(state, rules)).toEqual(said)
          expect(effects.map(({ type }) => type)).toEqual([said.answer, 'trigger-ping'])
        }
      },
    )
    fc.assert(property, RUNS)
  })

  test('a call that is admitted where nothing is wrong triggers nothing', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const world = new RandomWorld(rules).live(story)
      world.send({ type: 'time-passed' })
      if (standing(world.state, rules)?.answer !== 'admit') return
      const { effects } = transition(world.state, { type: 'call' }, rules, world.now)
      expect(effects).toEqual([{ type: 'admit', generation: world.state.generation, trial: undefined }])
    })
    fc.assert(property, RUNS)
  })

  test('it never claims more than a call can see: nothing stands where the next call may be a trial', () => {
    const property = fc.property(anyRules, anyStory, (rules, story) => {
      const world = new RandomWorld(rules).live(story)
      const answer = answerOf(transition(world.state, { type: 'call' }, rules, world.now).effects)
      if (answer?.type !== 'admit' || answer.trial === undefined) return
      const said = standing(world.state, rules)
      expect(said === undefined || said.until <= world.now).toBe(true)
    })
    fc.assert(property, RUNS)
  })
})

describe('what stands', () => {
  const said = ({ state, rules }: Drive): StandingAnswer | undefined => standing(state, rules)

  test('closed: admitted, for ever', () => {
    expect(said(drive())).toEqual({ answer: 'admit', until: Infinity })
  })

  test('open without a ping: refused until the open time is over', () => {
    const world = drive({ ...withoutPing, openMs: 60_000 })
      .at(1_000)
      .trip()
    expect(said(world)).toEqual({ answer: 'refuse', until: 61_000 })
  })

  test('open with a ping: refused until something happens', () => {
    expect(said(drive({ outageLogIntervalMs: 500_000 }).ping('failed'))).toEqual({
      answer: 'refuse',
      until: 500_000,
    })
  })

  test('half-open, all trials taken: refused until one of them is late', () => {
    const world = drive({ ...withoutPing, openMs: 60_000, trialTimeoutMs: 20_000 })
      .trip()
      .at(60_000)
      .call()
    expect(said(world)).toEqual({ answer: 'refuse', until: 80_000 })
  })

  test('half-open with a trial to give: nothing stands', () => {
    expect(
      said(
        drive({ ...withoutPing, trials: 2 })
          .trip()
          .at(60_000)
          .call(),
      ),
    ).toBeUndefined()
  })

  test('failed over: rescued', () => {
    expect(said(drive(withHooks).ping('failed').hook('fulfilled'))).toMatchObject({ answer: 'rescue' })
  })

  test('closed, but recover() is owed for a failover() that was given up: admitted until it runs', () => {
    const world = drive(withHooks).ping('failed')
    const first = world.latestHook
    world.at(10_000).hook('timed-out').at(40_000).timePasses()
    const second = world.latestHook
    world.ping('good').hook('fulfilled', first).hook('failed', second)
    expect([world.visible, said(world)?.answer]).toEqual(['closed', 'admit'])
    expect(said(world)?.until).toBeLessThanOrEqual(70_000)
    expect(world.at(70_000).call().asked).toContain('rescue')
  })

  test('held open: refused until the hold expires', () => {
    expect(said(drive().hold('open', { expiresAt: 5_000 }))).toEqual({ answer: 'refuse', until: 5_000 })
  })

  test.each(['closed', 'observe'] as const)(
    'held on %s: nothing stands, because each call is evidence',
    (kind) => {
      expect(said(drive().hold(kind))).toBeUndefined()
      expect(said(drive(withoutPing).trip().hold(kind))).toBeUndefined()
    },
  )
})
