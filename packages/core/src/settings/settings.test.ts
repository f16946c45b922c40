import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { createSettings, settingsOf, type SettingsConflict } from './settings.ts'

const OPTION = Symbol('option')

function example(): { base: Record<PropertyKey, unknown>; view: Record<PropertyKey, unknown> } {
  const base: Record<PropertyKey, unknown> = { host: 'primary', port: 1, [OPTION]: 'symbol' }
  return { base, view: createSettings(base) }
}

describe('without a layer', () => {
  test('the view is the base, live', () => {
    const { base, view } = example()
    expect({ ...view }).toEqual(base)
    base['port'] = 2
    base['later'] = true
    expect([view['port'], view['later'], view[OPTION]]).toEqual([2, true, 'symbol'])
  })

  test('what is written, defined or deleted through the view happens to the base', () => {
    const { base, view } = example()
    view['port'] = 2
    Object.defineProperty(view, 'hidden', { value: 1, enumerable: false, configurable: true })
    delete view['host']
    expect(base).toEqual({ port: 2, [OPTION]: 'symbol' })
    expect(base['hidden']).toBe(1)
  })

  test('it is typed as its base, and looks like it', () => {
    class Config {
      host = 'primary'
      get url(): string {
        return `//${this.host}`
      }
    }
    const view = createSettings(new Config())
    expect(view).toBeInstanceOf(Config)
    expect(view.url).toBe('//primary')
    expect(Object.keys(view)).toEqual(['host'])
    expect('url' in view).toBe(true)
  })
})

describe('a layer', () => {
  test('hides the base and leaves no trace', () => {
    const { base, view } = example()
    const before = Object.getOwnPropertyDescriptors(base)
    const layers = settingsOf(view)
    layers.addLayer('db', { host: 'standby', [OPTION]: 'other', absent: undefined })
    expect({ ...view }).toEqual({ host: 'standby', port: 1, [OPTION]: 'other', absent: undefined })
    expect('absent' in view).toBe(true)
    expect(layers.removeLayer('db')).toEqual([])
    expect('absent' in view).toBe(false)
    expect(Object.getOwnPropertyDescriptors(base)).toEqual(before)
    expect(Reflect.ownKeys(view)).toEqual(['host', 'port', OPTION])
  })

  test('own keys: those of the base in its order, then those of layers only', () => {
    const { view } = example()
    settingsOf(view).addLayer('a', { z: 1, port: 2, y: 3 })
    expect(Reflect.ownKeys(view)).toEqual(['host', 'port', OPTION, 'z', 'y'])
    expect(JSON.stringify(view)).toBe('{"host":"primary","port":2,"z":1,"y":3}')
    const seen: string[] = []
    for (const key in view) seen.push(key)
    expect(seen).toEqual(['host', 'port', 'z', 'y'])
    expect(inspect(view)).toContain('port: 2')
  })

  test('descriptors: as writable data; enumerable as the base has it, else as the layer has it', () => {
    const base = Object.defineProperty({}, 'quiet', { value: 1, enumerable: false })
    const view = createSettings(base)
    const values = Object.defineProperty({ quiet: 2 }, 'shy', { value: 3, enumerable: false })
    settingsOf(view).addLayer('a', values)
    const data = { writable: true, enumerable: false, configurable: true }
    expect(Object.getOwnPropertyDescriptor(view, 'quiet')).toEqual({ ...data, value: 2 })
    expect(Object.getOwnPropertyDescriptor(view, 'shy')).toEqual({ ...data, value: 3 })
    expect(Object.getOwnPropertyDescriptor(view, 'none')).toBeUndefined()
  })

  test('values are read once: getters, and what happens to the object later', () => {
    const { view } = example()
    const read = vi.fn(() => 'computed')
    const values: Record<string, unknown> = Object.defineProperty({ port: 2 }, 'host', {
      get: read,
      enumerable: true,
    })
    settingsOf(view).addLayer('a', values)
    values['port'] = 3
    expect([view['host'], view['host'], view['port']]).toEqual(['computed', 'computed', 2])
    expect(read).toHaveBeenCalledOnce()
  })

  test('all keys or none: a value that cannot be read changes nothing', () => {
    const { view } = example()
    const layers = settingsOf(view)
    const values = {
      port: 2,
      get host(): string {
        throw new Error('unreadable')
      },
    }
    expect(() => layers.addLayer('a', values)).toThrow('unreadable')
    expect([view['port'], layers.layers()]).toEqual([1, []])
  })

  test('all keys in one tick: between two of them nobody can read', () => {
    const { view } = example()
    const seen: unknown[] = []
    const values = {
      host: 'standby',
      get port(): number {
        seen.push({ ...view })
        return 2
      },
    }
    settingsOf(view).addLayer('a', values)
    expect(seen).toEqual([{ host: 'primary', port: 1, [OPTION]: 'symbol' }])
  })

  test('a copy never changes', () => {
    const { view } = example()
    const layers = settingsOf(view)
    const before = { ...view }
    layers.addLayer('a', { port: 2 })
    const during = { ...view }
    layers.removeLayer('a')
    expect([before['port'], during['port']]).toEqual([1, 2])
  })

  test('an inherited setting can be overridden, and is inherited again', () => {
    const view = createSettings<Record<string, unknown>>(
      Object.create({ port: 1 }) as Record<string, unknown>,
    )
    settingsOf(view).addLayer('a', { port: 2 })
    expect([view['port'], Object.hasOwn(view, 'port')]).toEqual([2, true])
    settingsOf(view).removeLayer('a')
    expect([view['port'], Object.hasOwn(view, 'port')]).toEqual([1, false])
  })
})

describe('several layers', () => {
  test('the highest rank is on top, of equal ranks the one added last', () => {
    const { view } = example()
    const layers = settingsOf(view)
    layers.addLayer('second', { port: 2 }, 2)
    layers.addLayer('first', { port: 1, host: 'first' }, 1)
    layers.addLayer('also second', { port: 3 }, 2)
    expect(layers.layers()).toEqual(['first', 'second', 'also second'])
    expect([view['port'], view['host']]).toEqual([3, 'first'])
    layers.removeLayer('also second')
    expect(view['port']).toBe(2)
  })

  test('a layer of the same name is replaced in its place', () => {
    const { view } = example()
    const layers = settingsOf(view)
    layers.addLayer('low', { port: 2, host: 'low' })
    layers.addLayer('high', { port: 3 })
    layers.addLayer('low', { port: 4 })
    expect(layers.layers()).toEqual(['low', 'high'])
    expect([view['port'], view['host']]).toEqual([3, 'primary'])
    layers.removeLayer('high')
    expect(view['port']).toBe(4)
  })

  test('to remove what is not there is nothing', () => {
    const { view } = example()
    expect(settingsOf(view).removeLayer('never')).toEqual([])
  })

  test('two views of one base know nothing of each other', () => {
    const { base, view } = example()
    const other = createSettings(base)
    settingsOf(view).addLayer('a', { port: 2 })
    expect([view['port'], other['port'], base['port']]).toEqual([2, 1, 1])
  })
})

describe('D3: a write beneath an override', () => {
  test('goes to the base, shows when the layer leaves, and is reported once', () => {
    const { base, view } = example()
    const layers = settingsOf(view)
    const conflicts: SettingsConflict[] = []
    layers.subscribe((conflict) => conflicts.push(conflict))
    layers.addLayer('db', { port: 2 })
    view['port'] = 7
    view['port'] = 8
    view['host'] = 'free'
    expect([view['port'], base['port'], view['host']]).toEqual([2, 8, 'free'])
    expect(conflicts).toEqual([{ key: 'port', layer: 'db' }])
    expect(layers.removeLayer('db')).toEqual([{ key: 'port', layer: 'db' }])
    expect(view['port']).toBe(8)
  })

  test('a deletion and a definition too', () => {
    const { base, view } = example()
    const layers = settingsOf(view)
    layers.addLayer('db', { port: 2, host: 'standby', extra: 1 })
    expect(delete view['port']).toBe(true)
    expect(delete view['extra']).toBe(true)
    Object.defineProperty(view, 'host', { value: 'defined' })
    expect({ ...view }).toMatchObject({ port: 2, host: 'standby', extra: 1 })
    expect(base).toEqual({ host: 'defined', [OPTION]: 'symbol' })
    expect(layers.removeLayer('db').map(({ key }) => key)).toEqual(['port', 'host'])
  })

  test('the top layer is named, and a later layer starts afresh', () => {
    const { view } = example()
    const layers = settingsOf(view)
    layers.addLayer('low', { port: 2 })
    layers.addLayer('high', { port: 3 })
    view['port'] = 9
    expect(layers.removeLayer('low')).toEqual([])
    expect(layers.removeLayer('high')).toEqual([{ key: 'port', layer: 'high' }])
    layers.addLayer('high', { port: 3 })
    expect(layers.removeLayer('high')).toEqual([])
  })

  test('what was written stays known when the layer is replaced', () => {
    const { view } = example()
    const layers = settingsOf(view)
    layers.addLayer('db', { port: 2, host: 'standby' })
    view['port'] = 9
    view['host'] = 'mine'
    layers.addLayer('db', { port: 3 })
    expect(layers.removeLayer('db')).toEqual([{ key: 'port', layer: 'db' }])
  })

  test('a listener that throws, rejects or leaves changes nothing for the others', async () => {
    const { view } = example()
    const layers = settingsOf(view)
    const heard: string[] = []
    layers.subscribe(() => {
      throw new Error('thrown')
    })
    layers.subscribe(async () => Promise.reject(new Error('rejected')))
    const leave = layers.subscribe(() => heard.push('left'))
    layers.subscribe(() => heard.push('stayed'))
    layers.addLayer('db', { port: 2, host: 'standby' })
    view['port'] = 9
    leave()
    leave()
    view['host'] = 'mine'
    await Promise.resolve()
    expect(heard).toEqual(['left', 'stayed', 'stayed'])
  })
})
