/** A real chain of prototypes is far shorter; a hostile Proxy can answer for ever. */
const LONGEST_PROTOTYPE_CHAIN = 32

/**
 * Reads a property of anything without ever throwing: a getter or a Proxy that throws reads as `undefined`. What stands
 * on `Object.prototype` is not read, so that a polluted prototype cannot speak for every error.
 */
export function readProperty(value: unknown, key: PropertyKey): unknown {
  try {
    return isReadable(value) && isFound(value, key) ? Reflect.get(value, key) : undefined
  } catch {
    return undefined
  }
}

/** The same for an own property; an inherited one reads as `undefined`. */
export function readOwnProperty(value: unknown, key: PropertyKey): unknown {
  try {
    return isReadable(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
  } catch {
    return undefined
  }
}

/** Whether it is an object; a function is none here. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isReadable(value: unknown): value is object {
  return isObject(value) || typeof value === 'function'
}

/** Only a root prototype (`Object.prototype`, of any realm) has none above it. */
function isFound(value: object, key: PropertyKey): boolean {
  if (Object.hasOwn(value, key)) return true
  let holder: unknown = Object.getPrototypeOf(value)
  for (let depth = 0; isReadable(holder) && depth < LONGEST_PROTOTYPE_CHAIN; depth += 1) {
    const next: unknown = Object.getPrototypeOf(holder)
    if (next !== null && Object.hasOwn(holder, key)) return true
    holder = next
  }
  return false
}
