import assert from 'node:assert/strict'
import { systemClock } from '../clock/system-clock.ts'
import type { SharedState, StateStore } from '../store/state-store.ts'
import type { ContractRunner } from './service-contract.ts'

export interface StateStoreContract {
  /** What is tested, for the names of the tests. */
  readonly name: string
  /** A store that nobody has written to yet; a further `connect` reaches the same data as another process would. */
  start(): Promise<{ connect(): Promise<StateStore>; dispose(): Promise<void> }>
  /** Lets so many milliseconds pass by the store's clock. */
  pass(ms: number): Promise<void>
  /** How exactly the store's clock tells how long ago something was. Default: 50 ms. */
  readonly clockToleranceMs?: number
}

type Test = (store: StateStore, other: StateStore, contract: StateStoreContract) => Promise<void>

/** What every state store must keep. Each test has a store of its own, and two processes that use it. */
export function stateStoreContract({ describe, test }: ContractRunner, contract: StateStoreContract): void {
  describe(`${contract.name}: state store contract`, () => {
    for (const [name, body] of Object.entries(TESTS)) test(name, () => withStores(contract, body))
  })
}

const opened: SharedState = {
  circuit: 'open',
  openMs: 30_000,
  openings: 1,
  error: { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
}
const closed: SharedState = { circuit: 'closed', openMs: 0, openings: 0 }

/** Names that break out of keys, paths, columns and objects. */
const ODD_NAMES = [
  '',
  '__proto__',
  'constructor',
  'a:b',
  'a b',
  '{a}',
  "'; --",
  '../a',
  'ä€😀',
  '\n\u0000',
  'x'.repeat(200),
]
const CONTENDERS = 20
const PASSED_MS = 1_000
const PATIENCE_MS = 5_000

const TESTS: Readonly<Record<string, Test>> = {
  async 'what nobody wrote is not there'(store) {
    assert.equal(await store.read('api'), undefined)
  },

  async 'what one process commits the other reads'(store, other) {
    const { won, stored } = await store.commit('api', 0, opened)
    assert.equal(won, true)
    assert.deepEqual(withoutAge(stored), { ...opened, epoch: 1 })
    assert.deepEqual(withoutAge(await other.read('api')), { ...opened, epoch: 1 })
  },

  async 'a commit on what has changed meanwhile loses, writes nothing, and is told what stands'(
    store,
    other,
  ) {
    await store.commit('api', 0, opened)
    const { won, stored } = await other.commit('api', 0, closed)
    assert.equal(won, false)
    assert.deepEqual(withoutAge(stored), { ...opened, epoch: 1 })
    assert.deepEqual(withoutAge(await store.read('api')), { ...opened, epoch: 1 })
  },

  async 'commits in turn count up'(store, other) {
    await store.commit('api', 0, opened)
    const second = await other.commit('api', 1, closed)
    assert.deepEqual([second.won, withoutAge(second.stored)], [true, { ...closed, epoch: 2 }])
    const third = await store.commit('api', 2, opened)
    assert.deepEqual([third.won, third.stored.epoch], [true, 3])
  },

  async 'of many that commit at once one wins, and all are told the same'(store, other) {
    const results = await Promise.all(
      Array.from({ length: CONTENDERS }, (_, index) =>
        (index % 2 === 0 ? store : other).commit('api', 0, { ...opened, openings: index + 1 }),
      ),
    )
    assert.equal(results.filter(({ won }) => won).length, 1)
    assert.equal(new Set(results.map(({ stored }) => stored.openings)).size, 1)
    assert.ok(results.every(({ stored }) => stored.epoch === 1))
  },

  async 'names do not meet, however odd they are'(store, other) {
    for (const [index, name] of ODD_NAMES.entries())
      await store.commit(name, 0, { ...opened, openings: index })
    for (const [index, name] of ODD_NAMES.entries())
      assert.equal((await other.read(name))?.openings, index, JSON.stringify(name))
  },

  async 'the store says how long ago it was'(store, other, { pass, clockToleranceMs = 50 }) {
    await store.commit('api', 0, opened)
    await pass(PASSED_MS)
    const { ageMs = -1 } = (await other.read('api')) ?? {}
    assert.ok(Math.abs(ageMs - PASSED_MS) <= clockToleranceMs, `${ageMs} ms`)
  },

  async 'what was read is nobody else’s'(store, other) {
    await store.commit('api', 0, opened)
    const read = await other.read('api')
    assert.ok(read?.error)
    Object.assign(read.error, { message: 'changed' })
    assert.deepEqual(withoutAge(await other.read('api')), { ...opened, epoch: 1 })
  },

  async 'a watcher hears of commits until it stops'(store, other) {
    if (store.watch === undefined) return
    let heard = 0
    const stop = store.watch('api', () => (heard += 1))
    await other.commit('other', 0, opened)
    await other.commit('api', 0, opened)
    await eventually(() => heard > 0)
    stop()
    stop()
  },

  async 'closing is idempotent'(store) {
    await store.close?.()
    await store.close?.()
  },
}

async function withStores(contract: StateStoreContract, body: Test): Promise<void> {
  const { connect, dispose } = await contract.start()
  try {
    await body(await connect(), await connect(), contract)
  } finally {
    await dispose()
  }
}

function withoutAge(stored: object | undefined): object | undefined {
  return stored && Object.fromEntries(Object.entries(stored).filter(([key]) => key !== 'ageMs'))
}

async function eventually(holds: () => boolean): Promise<void> {
  const until = systemClock.now() + PATIENCE_MS
  while (!holds() && systemClock.now() < until) await systemClock.turns(1)
  assert.ok(holds())
}
