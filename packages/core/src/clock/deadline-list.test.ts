import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import type { Clock, Timer, TimerOptions } from './clock.ts'
import { DeadlineList, Timed } from './deadline-list.ts'

class Item extends Timed {
  readonly name: string
  readonly #onExpire: (item: Item) => void

  constructor(name: string, onExpire: (item: Item) => void) {
    super()
    this.name = name
    this.#onExpire = onExpire
  }

  override expire(): void {
    this.#onExpire(this)
  }
}

class Setup {
  readonly clock = new FakeClock(0)
  readonly list = new DeadlineList(this.clock, true)
  /** What has lasted too long, and when. */
  readonly over: [string, number][] = []

  add(name: string, delayMs: number, onExpire: () => void = () => undefined): Item {
    const item = new Item(name, () => {
      expect(item.isListed).toBe(false)
      this.over.push([name, this.clock.now()])
      onExpire()
    })
    this.list.add(item, delayMs)
    return item
  }
}

describe('each thing lasts for its own time', () => {
  test('whatever the order in which they were added, with one timer for all', async () => {
    const setup = new Setup()
    for (const delayMs of [300, 100, 200, 50, 250]) setup.add(`${delayMs} ms`, delayMs)
    expect(setup.clock.timers).toBe(1)
    await setup.clock.advance(1_000)
    expect(setup.over).toEqual([50, 100, 200, 250, 300].map((delayMs) => [`${delayMs} ms`, delayMs]))
    expect(setup.clock.timers).toBe(0)
  })

  test('things that end together end in the order in which they came', async () => {
    const setup = new Setup()
    setup.add('first', 100)
    await setup.clock.advance(40)
    setup.add('second', 60)
    setup.add('third', 60)
    await setup.clock.advance(60)
    expect(setup.over.map(([name]) => name)).toEqual(['first', 'second', 'third'])
  })

  test('what is removed does not end, and may be removed again', async () => {
    const setup = new Setup()
    const [gone, later] = [setup.add('gone', 100), setup.add('later', 200)]
    setup.list.remove(gone)
    setup.list.remove(gone)
    await setup.clock.advance(1_000)
    setup.list.remove(later)
    expect(setup.over).toEqual([['later', 200]])
  })

  test('one that was removed can be added again', async () => {
    const setup = new Setup()
    const item = setup.add('again', 100)
    setup.list.remove(item)
    await setup.clock.advance(50)
    setup.list.add(item, 100)
    await setup.clock.advance(1_000)
    expect(setup.over).toEqual([['again', 150]])
  })

  test('clear forgets everything and leaves no timer; the list can be used again', async () => {
    const setup = new Setup()
    setup.add('forgotten', 100)
    setup.list.clear()
    expect(setup.clock.timers).toBe(0)
    setup.add('new', 300)
    await setup.clock.advance(1_000)
    expect(setup.over).toEqual([['new', 300]])
  })
})

describe('while things end', () => {
  test('others may be added, sooner or later than the rest', async () => {
    const setup = new Setup()
    setup.add('first', 100, () => {
      setup.add('soon', 10)
      setup.add('late', 500)
    })
    setup.add('rest', 200)
    await setup.clock.advance(1_000)
    expect(setup.over).toEqual([
      ['first', 100],
      ['soon', 110],
      ['rest', 200],
      ['late', 600],
    ])
  })

  test('others that would end in the same moment may be removed', async () => {
    const setup = new Setup()
    setup.add('first', 100, () => setup.list.remove(second))
    const second = setup.add('second', 100)
    setup.add('third', 100)
    await setup.clock.advance(1_000)
    expect(setup.over.map(([name]) => name)).toEqual(['first', 'third'])
  })

  test('all may be forgotten', async () => {
    const setup = new Setup()
    setup.add('first', 100, () => setup.list.clear())
    setup.add('second', 100)
    setup.add('third', 200)
    await setup.clock.advance(1_000)
    expect(setup.over.map(([name]) => name)).toEqual(['first'])
    expect(setup.clock.timers).toBe(0)
  })
})

type Act =
  | { readonly what: 'add'; readonly delayMs: number }
  | { readonly what: 'remove'; readonly which: number }
  | { readonly what: 'wait'; readonly ms: number }

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('add' as const), delayMs: fc.integer({ min: 1, max: 60 }) }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('remove' as const), which: fc.nat({ max: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat({ max: 40 }) }) },
  ),
  { maxLength: 60 },
)

/** The same, remembered as a plain list that is looked through. */
class Reference {
  readonly over: [string, number][] = []
  #now = 0
  #listed: { readonly name: string; readonly dueAt: number }[] = []

  add(name: string, delayMs: number): void {
    this.#listed.push({ name, dueAt: this.#now + delayMs })
  }

  remove(name: string): void {
    this.#listed = this.#listed.filter((item) => item.name !== name)
  }

  wait(ms: number): void {
    this.#now += ms
    const due = this.#listed.filter(({ dueAt }) => dueAt <= this.#now).sort((a, b) => a.dueAt - b.dueAt)
    for (const { name, dueAt } of due) this.over.push([name, dueAt])
    this.#listed = this.#listed.filter(({ dueAt }) => dueAt > this.#now)
  }
}

test('mixed times in any order end as they do in a plain list that is looked through', async () => {
  const property = fc.asyncProperty(acts, async (story) => {
    const [setup, reference] = [new Setup(), new Reference()]
    const items: Item[] = []
    for (const act of [...story, { what: 'wait', ms: 100 } as const]) {
      if (act.what === 'wait') {
        await setup.clock.advance(act.ms)
        reference.wait(act.ms)
      } else if (act.what === 'add') {
        const name = String(items.length)
        items.push(setup.add(name, act.delayMs))
        reference.add(name, act.delayMs)
      } else {
        const item = items[act.which]
        if (item !== undefined) setup.list.remove(item)
        reference.remove(String(act.which))
      }
      expect(setup.clock.timers).toBeLessThanOrEqual(1)
    }
    expect(setup.over).toEqual(reference.over)
    expect(setup.clock.timers).toBe(0)
  })
  await fc.assert(property, { numRuns: 300 })
})

/** Remembers whether its timer, one at the most, holds the process. */
class HoldingClock extends FakeClock {
  #timer: { isKept: boolean } | undefined

  override startTimer(_task: () => void, _delayMs: number, options: TimerOptions = {}): Timer {
    const timer = { isKept: options.keepAlive ?? false }
    this.#timer = timer
    return {
      cancel: () => {
        if (this.#timer === timer) this.#timer = undefined
      },
      keepAlive: (isOn) => void (timer.isKept = isOn),
    }
  }

  /** Whether the process would live on for it. */
  get holdsProcess(): boolean {
    return this.#timer?.isKept === true
  }
}

function listOn(clock: Clock, keepAlive: boolean): { list: DeadlineList; item(name: string): Item } {
  return {
    list: new DeadlineList(clock, keepAlive),
    item: (name) => new Item(name, () => undefined),
  }
}

describe('the process lives while somebody waits', () => {
  test('and no longer: the timer that sleeps on holds nothing', () => {
    const clock = new HoldingClock()
    const { list, item } = listOn(clock, true)
    expect(clock.holdsProcess).toBe(false)
    const [one, other] = [item('one'), item('other')]
    list.add(one, 100)
    list.add(other, 200)
    expect(clock.holdsProcess).toBe(true)
    list.remove(one)
    expect(clock.holdsProcess).toBe(true)
    list.remove(other)
    expect(clock.holdsProcess).toBe(false)
  })

  test.each([50, 100, 500])('again, when another comes that lasts %s ms', (delayMs) => {
    const clock = new HoldingClock()
    const { list, item } = listOn(clock, true)
    const first = item('first')
    list.add(first, 100)
    list.remove(first)
    const second = item('second')
    list.add(second, delayMs)
    expect(clock.holdsProcess).toBe(true)
    list.remove(second)
    expect(clock.holdsProcess).toBe(false)
  })

  test('whatever comes and goes', () => {
    const story = fc.array(fc.record({ which: fc.nat({ max: 4 }), delayMs: fc.integer({ min: 1, max: 90 }) }))
    const property = fc.property(story, (each) => {
      const clock = new HoldingClock()
      const { list, item } = listOn(clock, true)
      const items = ['a', 'b', 'c', 'd', 'e'].map(item)
      for (const { which, delayMs } of each) {
        const one = items[which]!
        if (one.isListed) list.remove(one)
        else list.add(one, delayMs)
        expect(clock.holdsProcess).toBe(items.some(({ isListed }) => isListed))
      }
    })
    fc.assert(property)
  })

  test('but never for a list that nobody waits for', () => {
    const clock = new HoldingClock()
    const { list, item } = listOn(clock, false)
    const first = item('first')
    list.add(first, 100)
    expect(clock.holdsProcess).toBe(false)
    list.remove(first)
    list.add(item('second'), 200)
    expect(clock.holdsProcess).toBe(false)
  })
})
