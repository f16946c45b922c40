import { eventually, startPostgresPair, watchForCrashes, type PostgresPair } from '@failover/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFailoverPool, type FailoverPool, type FailoverPoolOptions } from '../src/index.ts'
import { Load, viaCheckout, viaQuery } from './support/load.ts'

let pair: PostgresPair
let pool: FailoverPool
const crashes = watchForCrashes()

beforeAll(async () => {
  pair = await startPostgresPair()
})
afterEach(async () => {
  await pool.end()
  expect(crashes.errors).toEqual([])
})
afterAll(() => pair.stop())

function readPool(options: Partial<FailoverPoolOptions> = {}): FailoverPool {
  pool = createFailoverPool({
    targets: [
      { name: 'replica', config: pair.replica.config() },
      { name: 'primary', config: pair.primary.config() },
    ],
    holdDownMs: 500,
    pingIntervals: { monitoringMs: 1_000, outageMs: 300, errorMs: 100 },
    ...options,
  })
  return pool
}

for (const [form, via] of [
  ['pool.query', viaQuery],
  ['connect, query, release', viaCheckout],
] as const) {
  test(`${form}: no read fails when the replica is killed, and it is taken back into use`, async () => {
    readPool()
    await using load = new Load(via(pool))
    await eventually(() => (load.servedBy.get(pair.replica.port) ?? 0) > 50)
    await pair.replica.kill()
    await eventually(() => pool.activeTarget === 'primary')
    const before = load.done
    await eventually(() => load.done > before + 50)
    await pair.replica.restart()
    await eventually(() => pool.activeTarget === 'replica')
    await load.stop()
    expect(load.failures).toEqual([])
  })

  test(`${form}: no read fails when the replica hangs, and it is taken back into use`, async () => {
    readPool()
    await using load = new Load(via(pool))
    await eventually(() => (load.servedBy.get(pair.replica.port) ?? 0) > 50)
    await pair.replica.freeze()
    await eventually(() => pool.activeTarget === 'primary')
    await eventually(() => load.inFlight < 5)
    await pair.replica.resume()
    await eventually(() => pool.activeTarget === 'replica')
    await load.stop()
    expect(load.failures).toEqual([])
    console.log('slowest', load.slowestMs)
  })
}
