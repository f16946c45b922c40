import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { DeadlineList, Timed } from './deadline-list.ts'

/* Time in which our own event loop stood still counts against nobody: answers may have arrived that were not read. */

class Item extends Timed {
  readonly #onExpire: () => void

  constructor(onExpire: () => void) {
    super()
    this.#onExpire = onExpire
  }

  override expire(): void {
    this.#onExpire()
  }
}

class Setup {
  readonly clock = new FakeClock(0)
  readonly list = new DeadlineList(this.clock, true)
  /** What has lasted too long, and when. */
  readonly over: [string, number][] = []

  add(name: string, delayMs: number): Item {
    const item = new Item(() => this.over.push([name, this.clock.now()]))
    this.list.add(item, delayMs)
    return item
  }

  get names(): string[] {
    return this.over.map(([name]) => name)
  }
}

test('the answer that arrived meanwhile can be read before anything ends', async () => {
  const setup = new Setup()
  const item = setup.add('answered', 100)
  await setup.clock.advance(90)
  await setup.clock.stall(5_000)
  expect(setup.over).toEqual([])
  setup.list.remove(item)
  await setup.clock.advance(10_000)
  expect(setup.over).toEqual([])
})

test('what is not answered ends all the same, once the rest of its time has passed', async () => {
  const setup = new Setup()
  setup.add('hangs', 100)
  await setup.clock.advance(90)
  await setup.clock.stall(5_000)
  await setup.clock.advance(100)
  expect(setup.names).toEqual(['hangs'])
})

test('it counts for those that end later as well', async () => {
  const setup = new Setup()
  setup.add('first', 100)
  setup.add('second', 1_000)
  await setup.clock.advance(100)
  setup.add('third', 100)
  await setup.clock.advance(99)
  await setup.clock.stall(5_000)
  expect(setup.over).toEqual([['first', 100]])
  await setup.clock.advance(790)
  expect(setup.names).toEqual(['first', 'third'])
  await setup.clock.advance(200)
  expect(setup.names).toEqual(['first', 'third', 'second'])
})

test('nobody ends in the moment in which the loop goes on, and everybody does in the end', async () => {
  const delays = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 })
  const property = fc.asyncProperty(delays, fc.integer({ min: 0, max: 200 }), async (each, before) => {
    const setup = new Setup()
    each.forEach((delayMs, index) => setup.add(String(index), delayMs))
    await setup.clock.advance(before)
    const overBefore = setup.over.length
    await setup.clock.stall(5_000)
    expect(setup.over.length).toBe(overBefore)
    await setup.clock.advance(200)
    expect(setup.over.length).toBe(each.length)
  })
  await fc.assert(property, { numRuns: 200 })
})

test('a timer that rings a little late, as they do, is no stall', async () => {
  const setup = new Setup()
  setup.add('hangs', 100)
  await setup.clock.advance(95)
  await setup.clock.stall(10)
  expect(setup.over).toEqual([['hangs', 105]])
})

test('what begins after the stall, before the late timer rings, has its own time and no more', async () => {
  const setup = new Setup()
  setup.clock.startTimer(() => void setup.add('after', 100), 99)
  setup.add('before', 100)
  await setup.clock.stall(5_000)
  await setup.clock.advance(99)
  expect(setup.names).not.toContain('after')
  await setup.clock.advance(1)
  expect(setup.names.sort()).toEqual(['after', 'before'])
})

test('one stall after the other puts off each time', async () => {
  const setup = new Setup()
  setup.add('hangs', 100)
  for (let stall = 0; stall < 5; stall += 1) {
    await setup.clock.stall(5_000)
    expect(setup.over).toEqual([])
  }
  await setup.clock.advance(100)
  expect(setup.names).toEqual(['hangs'])
})
