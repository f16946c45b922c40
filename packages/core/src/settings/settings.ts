import { InvalidOptionError } from '../errors.ts'
import { record } from '../options/validate.ts'
import { LayerStack, type SettingsLayers } from './settings-layers.ts'
import { makeView, SETTINGS } from './settings-view.ts'

export type { SettingsConflict, SettingsLayers } from './settings-layers.ts'

/**
 * A live view over the application's settings, for the application to read and for a monitor to override. Give it to
 * `new ServiceMonitor({ settings })`, and read settings through it alone.
 *
 * - An overridden setting shows the value of its top layer; every other shows the base's, live. Only top-level keys are
 *   overridden: what is inside a nested object belongs to that object.
 * - What is written or deleted through the view goes to the base. Beneath an override it shows when the override leaves,
 *   and is reported as `settings-conflict`.
 * - A copy (`{ ...settings }`) never changes. Getters of the base run with the base as `this`.
 *
 * The base itself is never written by a failover, and may be frozen. The view cannot be frozen or given another
 * prototype; `structuredClone` takes copies only.
 *
 * @throws InvalidOptionError if the base is not an object, or is an array or a collection
 */
export function createSettings<T extends object>(base: T): T {
  record('base', base)
  const { types } = process.getBuiltinModule('node:util')
  if (
    types.isMap(base) ||
    types.isSet(base) ||
    types.isDate(base) ||
    types.isRegExp(base) ||
    types.isPromise(base)
  )
    throw new InvalidOptionError('base', 'an object with settings as its properties', base)
  return makeView(base, new LayerStack())
}

/** Whether it was made by `createSettings`, of this copy of the package or of another one in the process. */
export function isSettings(value: unknown): value is object {
  return layersIn(value) !== undefined
}

/**
 * The layers of a view, for a monitor.
 *
 * @throws InvalidOptionError if it was not made by `createSettings`
 */
export function settingsOf(view: unknown): SettingsLayers {
  const layers = layersIn(view)
  if (layers === undefined) throw new InvalidOptionError('settings', 'made by createSettings', view)
  return layers
}

/** Recognised by shape, because another copy of the package has another class. */
function layersIn(value: unknown): SettingsLayers | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const layers: unknown = Reflect.get(value, SETTINGS)
  return isLayers(layers) ? layers : undefined
}

function isLayers(value: unknown): value is SettingsLayers {
  if (typeof value !== 'object' || value === null) return false
  return ['addLayer', 'removeLayer', 'layers', 'subscribe'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  )
}
