import type { LayerStack } from './settings-layers.ts'

/** How `node:util` asks a thing to show itself. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Where a view gives its layers to a monitor; on the global registry, so that two copies of the package understand each other. */
export const SETTINGS = Symbol.for('@failover/settings')

/**
 * A live view: the base's own properties, with those that are overridden in front of them. The Proxy stands over a dummy
 * and not over the base: over a frozen base, Proxy rules would forbid to show any value but the base's.
 */
export function makeView<T extends object>(base: T, layers: LayerStack): T {
  const dummy = Object.defineProperty({}, INSPECT, {
    value: () => ({ ...view }),
    configurable: true,
  })
  const view: T = new Proxy(dummy, {
    ...readTraps(base, layers, isView),
    ...writeTraps(base, layers, isView),
  }) as T
  function isView(receiver: unknown): boolean {
    return receiver === view
  }
  return view
}

type IsView = (receiver: unknown) => boolean

function readTraps(base: object, layers: LayerStack, isView: IsView): ProxyHandler<object> {
  return {
    get(_, key, receiver): unknown {
      if (key === SETTINGS) return isView(receiver) ? layers : undefined
      const override = layers.effective.get(key)
      return override === undefined ? Reflect.get(base, key) : override.value
    },
    has: (_, key) => layers.effective.has(key) || Reflect.has(base, key),
    ownKeys: () =>
      [...new Set([...Reflect.ownKeys(base), ...layers.effective.keys()])] as (string | symbol)[],
    getOwnPropertyDescriptor: (_, key) => describeProperty(base, layers, key),
    getPrototypeOf: () => Reflect.getPrototypeOf(base),
  }
}

/** `configurable` is always true: a Proxy may not claim the opposite of what its (dummy) target has not got. */
function describeProperty(
  base: object,
  layers: LayerStack,
  key: PropertyKey,
): PropertyDescriptor | undefined {
  const own = Reflect.getOwnPropertyDescriptor(base, key)
  const override = layers.effective.get(key)
  if (override === undefined) return own && { ...own, configurable: true }
  const { value, enumerable } = override
  return { value, writable: true, enumerable: own?.enumerable ?? enumerable, configurable: true }
}

/** Everything that is written goes to the base. `false` makes strict code throw a TypeError, as writing a frozen object does. */
function writeTraps(base: object, layers: LayerStack, isView: IsView): ProxyHandler<object> {
  const noted = (key: PropertyKey, isDone: boolean): boolean => {
    if (isDone) layers.noteWrite(key)
    return isDone
  }
  return {
    set(_, key, value, receiver) {
      if (key === '__proto__') return false
      return isView(receiver)
        ? noted(key, Reflect.set(base, key, value))
        : Reflect.set(base, key, value, receiver)
    },
    defineProperty(_, key, descriptor) {
      const isForbidden = key === '__proto__' || descriptor.configurable === false
      return !isForbidden && noted(key, Reflect.defineProperty(base, key, descriptor))
    },
    deleteProperty(_, key) {
      const isThere = Object.hasOwn(base, key)
      return Reflect.deleteProperty(base, key) && (!isThere || noted(key, true))
    },
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  }
}
