import { describe, expect, test, vi } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import { createSettings, isSettings, settingsOf } from './settings.ts'

const OPTION = Symbol('option')

function example(): { base: Record<PropertyKey, unknown>; view: Record<PropertyKey, unknown> } {
  const base: Record<PropertyKey, unknown> = { host: 'primary', port: 1, [OPTION]: 'symbol' }
  return { base, view: createSettings(base) }
}

describe('bases of every kind', () => {
  test('frozen: overridden all the same; a write throws, as on the base itself', () => {
    const view = createSettings<Record<string, unknown>>(Object.freeze({ port: 1 }))
    const layers = settingsOf(view)
    layers.addLayer('db', { port: 2, extra: 3 })
    expect({ ...view }).toEqual({ port: 2, extra: 3 })
    expect(() => (view['port'] = 9)).toThrow(TypeError)
    expect(() => delete view['port']).toThrow(TypeError)
    expect(() => (view['new'] = 9)).toThrow(TypeError)
    expect(layers.removeLayer('db')).toEqual([])
    expect(Object.entries(view)).toEqual([['port', 1]])
    expect(Object.getOwnPropertyDescriptor(view, 'port')).toMatchObject({ value: 1, writable: false })
  })

  test('getters and setters run with the base as this', () => {
    class Config {
      #port = 1
      get port(): number {
        return this.#port
      }
      set port(value: number) {
        this.#port = value
      }
    }
    const base = new Config()
    const view = createSettings(base)
    settingsOf(view).addLayer('db', { port: 2 })
    view.port = 3
    expect([view.port, base.port]).toEqual([2, 3])
    settingsOf(view).removeLayer('db')
    expect(view.port).toBe(3)
  })

  test('a view over a view', () => {
    const { view } = example()
    const outer = createSettings(view)
    settingsOf(view).addLayer('inner', { port: 2 })
    expect(outer['port']).toBe(2)
    settingsOf(outer).addLayer('outer', { port: 3 })
    expect([outer['port'], view['port']]).toEqual([3, 2])
  })

  test('what inherits from a view writes to itself', () => {
    const { base, view } = example()
    settingsOf(view).addLayer('db', { host: 'standby' })
    const heir = Object.create(view) as Record<string, unknown>
    heir['port'] = 9
    expect([heir['port'], base['port'], heir['host']]).toEqual([9, 1, 'standby'])
    expect(isSettings(heir)).toBe(false)
  })

  test.each([new Map(), new Set(), new Date(), /x/, Promise.resolve()])(
    '%o holds no settings: refused',
    (base) => {
      expect(() => createSettings(base)).toThrow(InvalidOptionError)
    },
  )

  test('an array or a primitive is refused', () => {
    for (const base of [[], null, 7, 'text', () => {}]) {
      expect(() => createSettings(base as object)).toThrow(InvalidOptionError)
    }
  })

  test('the view can be neither frozen nor given another prototype', () => {
    const { base, view } = example()
    expect(() => Object.freeze(view)).toThrow(TypeError)
    expect(() => Object.setPrototypeOf(view, null)).toThrow(TypeError)
    expect(() => Object.defineProperty(view, 'x', { value: 1, configurable: false })).toThrow(TypeError)
    expect('x' in base).toBe(false)
  })
})

describe('prototypes', () => {
  const planted = (key: string, value: unknown = {}): Record<string, unknown> =>
    Object.defineProperty({}, key, { value, enumerable: true })

  test.each(['__proto__', 'constructor', 'prototype'])(
    '%s is refused as an override, at every depth',
    (key) => {
      const { view } = example()
      const layers = settingsOf(view)
      const nested = { fine: 1, list: [{ deep: planted(key) }] }
      for (const values of [
        planted(key),
        { nested },
        { nested: Object.assign(Object.create(null), nested) as object },
      ])
        expect(() => layers.addLayer('a', values)).toThrow(InvalidOptionError)
      expect(layers.layers()).toEqual([])
    },
  )

  test('instances of classes, functions and cycles are the application’s affair', () => {
    const { view } = example()
    const cyclic: Record<string, unknown> = { pool: new (class Pool {})(), type: class Type {} }
    cyclic['self'] = cyclic
    settingsOf(view).addLayer('a', { cyclic })
    expect(view['cyclic']).toBe(cyclic)
  })

  test('__proto__ cannot be written through the view', () => {
    const { base, view } = example()
    expect(() => (view['__proto__'] = { polluted: true })).toThrow(TypeError)
    expect(() => Object.defineProperty(view, '__proto__', { value: {}, configurable: true })).toThrow(
      TypeError,
    )
    expect(Object.getPrototypeOf(base)).toBe(Object.prototype)
  })

  test('a polluted Object.prototype does not pass for an override', () => {
    const { view } = example()
    Reflect.set(Object.prototype, 'planted', 1)
    try {
      settingsOf(view).addLayer('a', { port: 2 })
      expect(Object.keys(view)).not.toContain('planted')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'planted')
    }
    expect('planted' in view).toBe(false)
  })
})

describe('isSettings and settingsOf', () => {
  test('know a view and nothing else', () => {
    const { base, view } = example()
    expect(isSettings(view)).toBe(true)
    for (const value of [base, null, undefined, 'text', {}, { [Symbol.for('@failover/settings')]: {} }]) {
      expect(isSettings(value)).toBe(false)
      expect(() => settingsOf(value)).toThrow(InvalidOptionError)
    }
  })

  test('know a view of another copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./settings.ts')
    expect(copy.createSettings).not.toBe(createSettings)
    const view = copy.createSettings({ port: 1 })
    expect(isSettings(view)).toBe(true)
    settingsOf(view).addLayer('a', { port: 2 })
    expect(view.port).toBe(2)
  })

  test('the way to the layers is hidden', () => {
    const { view } = example()
    expect(Object.getOwnPropertySymbols(view)).toEqual([OPTION])
    expect(Symbol.for('@failover/settings') in view).toBe(false)
  })
})
