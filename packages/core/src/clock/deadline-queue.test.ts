import { expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { DeadlineQueue } from './deadline-queue.ts'

function setUp(): { clock: FakeClock; due: string[]; queue: DeadlineQueue<string> } {
  const clock = new FakeClock()
  const due: string[] = []
  return { clock, due, queue: new DeadlineQueue(clock, 100, (item: string) => due.push(item)) }
}

test('each item is due after its own time, with one timer for all', async () => {
  const { clock, due, queue } = setUp()
  queue.add('a')
  await clock.advance(60)
  queue.add('b')
  queue.add('c')
  expect(clock.timers).toBe(1)
  await clock.advance(40)
  expect(due).toEqual(['a'])
  await clock.advance(60)
  expect(due).toEqual(['a', 'b', 'c'])
  expect(clock.timers).toBe(0)
})

test('an item that was taken out is not due; taking it out twice is fine', async () => {
  const { clock, due, queue } = setUp()
  const remove = queue.add('a')
  queue.add('b')
  remove()
  remove()
  await clock.advance(100)
  expect(due).toEqual(['b'])
})

test('items that are added while others fall due are not lost', async () => {
  const clock = new FakeClock()
  const due: string[] = []
  const queue: DeadlineQueue<string> = new DeadlineQueue(clock, 100, (item) => {
    due.push(item)
    if (item === 'a') queue.add('again')
  })
  queue.add('a')
  await clock.advance(100)
  await clock.advance(100)
  expect(due).toEqual(['a', 'again'])
  expect(clock.timers).toBe(0)
})

test('clear forgets everything and leaves no timer', async () => {
  const { clock, due, queue } = setUp()
  queue.add('a')
  queue.clear()
  expect(clock.timers).toBe(0)
  await clock.advance(200)
  expect(due).toEqual([])
})
