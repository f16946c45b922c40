import fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSettings, settingsOf } from './settings.ts'

type Settings = Record<PropertyKey, unknown>

const SYMBOL = Symbol('setting')
const KEYS: readonly PropertyKey[] = ['a', 'b', 'c', '7', SYMBOL]
const NAMES: readonly string[] = ['one', 'two', 'three']

const key = fc.constantFrom(...KEYS)
const name = fc.constantFrom(...NAMES)
/** Fresh objects, so that identity shows which value it is. */
const value = fc.oneof(
  fc.constant(undefined),
  fc.integer(),
  fc.array(fc.integer()).map((content) => ({ content })),
)
const settings: fc.Arbitrary<Settings> = fc
  .array(fc.tuple(key, value))
  .map((entries) => Object.fromEntries(entries) as Settings)

type Step =
  | { readonly type: 'add'; readonly name: string; readonly values: Settings; readonly rank: number }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'write'; readonly key: PropertyKey; readonly value: unknown }
  | { readonly type: 'delete'; readonly key: PropertyKey }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    name,
    values: settings,
    rank: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ type: fc.constant('remove' as const), name }),
  fc.record({ type: fc.constant('write' as const), key, value }),
  fc.record({ type: fc.constant('delete' as const), key }),
)

/** The same by hand: a list of layers, looked through from the top. */
class Model {
  layers: { name: string; rank: number; values: Settings }[] = []

  apply(given: Step): void {
    if (given.type === 'add') this.#add(given)
    if (given.type === 'remove') this.layers = this.layers.filter((layer) => layer.name !== given.name)
  }

  read(base: Settings, wanted: PropertyKey): { found: boolean; value: unknown } {
    const layer = this.layers.findLast(({ values }) => Object.hasOwn(values, wanted))
    const holder = layer?.values ?? base
    return { found: Object.hasOwn(holder, wanted), value: holder[wanted] }
  }

  #add(layer: { name: string; rank: number; values: Settings }): void {
    const at = this.layers.findIndex(({ name: taken }) => taken === layer.name)
    this.layers.splice(at < 0 ? this.layers.length : at, at < 0 ? 0 : 1, layer)
    this.layers.sort((a, b) => a.rank - b.rank)
  }
}

function applyTo(view: Settings, plain: Settings, given: Step): void {
  const layers = settingsOf(view)
  if (given.type === 'add') layers.addLayer(given.name, given.values, given.rank)
  if (given.type === 'remove') layers.removeLayer(given.name)
  if (given.type === 'write') view[given.key] = plain[given.key] = given.value
  if (given.type === 'delete')
    for (const settings of [view, plain]) Reflect.deleteProperty(settings, given.key)
}

/** Identity of each value, order of keys and descriptors. */
function expectSame(actual: Settings, expected: Settings): void {
  expect(Reflect.ownKeys(actual)).toEqual(Reflect.ownKeys(expected))
  for (const each of Reflect.ownKeys(expected)) {
    expect(actual[each]).toBe(expected[each])
    const { value: _, ...flags } = Object.getOwnPropertyDescriptor(expected, each) ?? {}
    expect(Object.getOwnPropertyDescriptor(actual, each)).toMatchObject(flags)
  }
}

let prototypes: string

function prototypesNow(): string {
  const builtins = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Error.prototype]
  return builtins.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join('\n')
}

beforeEach(() => {
  prototypes = prototypesNow()
})

afterEach(() => {
  expect(prototypesNow()).toBe(prototypes)
})

test('SET-1, SET-2, SET-4: any interleaving of layers and writes ends at the base', () => {
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 30 }), (start, steps) => {
      const [base, plain] = [{ ...start }, { ...start }]
      const view = createSettings<Settings>(base)
      for (const each of steps) applyTo(view, plain, each)
      for (const each of NAMES) settingsOf(view).removeLayer(each)
      expectSame(view, plain)
      expectSame(base, plain)
    }),
  )
})

test('SET-3: at every moment each setting is that of the top layer, else that of the base', () => {
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 30 }), (start, steps) => {
      const [view, plain, model] = [createSettings<Settings>({ ...start }), { ...start }, new Model()]
      for (const each of steps) {
        applyTo(view, plain, each)
        model.apply(each)
        for (const wanted of KEYS) {
          const { found, value: expected } = model.read(plain, wanted)
          expect(Object.hasOwn(view, wanted)).toBe(found)
          expect(wanted in view).toBe(found)
          expect(view[wanted]).toBe(expected)
        }
      }
    }),
  )
})

test('SET-5: a copy never changes', () => {
  fc.assert(
    fc.property(settings, fc.array(step), fc.array(step), (start, before, after) => {
      const [view, plain] = [createSettings<Settings>({ ...start }), { ...start }]
      for (const each of before) applyTo(view, plain, each)
      const copy = { ...view }
      const entries = Reflect.ownKeys(copy).map((each) => [each, copy[each]] as const)
      for (const each of after) applyTo(view, plain, each)
      for (const [each, seen] of entries) expect(copy[each]).toBe(seen)
    }),
  )
})

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

test.each([1, 2, 3, 4, 5])(
  'SET-3: %i overlapping layers, removed in every order, end at the base',
  (count) => {
    const names = Array.from({ length: count }, (_, at) => `layer ${at}`)
    for (const order of permutations(names)) {
      const base: Settings = { shared: 'base', own: 'base' }
      const view = createSettings(base)
      for (const each of names) settingsOf(view).addLayer(each, { shared: each, [each]: each })
      const left = [...names]
      for (const each of order) {
        settingsOf(view).removeLayer(each)
        left.splice(left.indexOf(each), 1)
        expect(view['shared']).toBe(left.at(-1) ?? 'base')
        expect(Object.keys(view)).toEqual(['shared', 'own', ...left])
      }
      expectSame(view, { shared: 'base', own: 'base' })
    }
  },
)

test('SET-8: after a layer has left, nothing holds its values', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const view = createSettings<Settings>({ password: 'base' })
  const held = overrideOnce(view)
  for (let round = 0; round < 50 && held.deref() !== undefined; round += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(held.deref()).toBeUndefined()
  expect(view['password']).toBe('base')
})

function overrideOnce(view: Settings): WeakRef<object> {
  const secret = { password: 'standby' }
  settingsOf(view).addLayer('db', { password: secret })
  view['password'] = 'base'
  settingsOf(view).removeLayer('db')
  return new WeakRef(secret)
}
