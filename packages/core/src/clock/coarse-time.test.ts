import { describe, expect, test } from 'vitest'
import { CoarseTime } from './coarse-time.ts'

/** Time that moves by ticks, and says whether anything ticks at all. */
class Ticker {
  time = 1_000
  asked = 0
  starts = 0
  #task: (() => void) | undefined
  readonly coarse = new CoarseTime(
    () => {
      this.asked += 1
      return this.time
    },
    (task) => {
      this.starts += 1
      this.#task = task
      return { cancel: () => (this.#task = undefined), keepAlive: () => undefined }
    },
  )

  get isTicking(): boolean {
    return this.#task !== undefined
  }

  tick(afterMs = 100): this {
    this.time += afterMs
    this.#task?.()
    return this
  }
}

test('nothing ticks before the first look', () => {
  expect(new Ticker()).toMatchObject({ isTicking: false, asked: 0 })
})

test('the first look is exact, and the others in one tick cost no question', () => {
  const ticker = new Ticker()
  expect(ticker.coarse.read()).toBe(1_000)
  ticker.time += 60
  for (let look = 0; look < 1_000; look += 1) expect(ticker.coarse.read()).toBe(1_000)
  expect(ticker).toMatchObject({ asked: 1, starts: 1 })
})

test('it is behind by one tick at the most', () => {
  const ticker = new Ticker()
  ticker.coarse.read()
  for (let tick = 0; tick < 50; tick += 1) {
    ticker.tick()
    expect(ticker.coarse.read()).toBe(ticker.time)
    ticker.time += 99
    expect(ticker.time - ticker.coarse.read()).toBeLessThanOrEqual(100)
  }
  expect(ticker.starts).toBe(1)
})

describe('when nobody looks any more', () => {
  function forgotten(): Ticker {
    const ticker = new Ticker()
    ticker.coarse.read()
    return ticker.tick().tick()
  }

  test('it stops by itself after a tick in which nobody did', () => {
    expect(forgotten().isTicking).toBe(false)
  })

  test('the next look, hours later, is exact and starts it again', () => {
    const ticker = forgotten()
    ticker.time += 3_600_000
    expect(ticker.coarse.read()).toBe(ticker.time)
    expect(ticker).toMatchObject({ isTicking: true, starts: 2 })
  })

  test('one look in each tick keeps it going', () => {
    const ticker = new Ticker()
    for (let tick = 0; tick < 100; tick += 1) {
      ticker.coarse.read()
      ticker.tick()
    }
    expect(ticker).toMatchObject({ isTicking: true, starts: 1 })
  })
})

test('it never goes back', () => {
  const ticker = new Ticker()
  let last = 0
  for (let round = 0; round < 500; round += 1) {
    if (round % 7 < 3) {
      expect(ticker.coarse.read()).toBeGreaterThanOrEqual(last)
      last = ticker.coarse.read()
    }
    ticker.tick((round * 37) % 150)
  }
})
