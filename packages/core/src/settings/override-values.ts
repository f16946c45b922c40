import { InvalidOptionError } from '../errors.ts'
import { record } from '../options/validate.ts'

/** Names that lead to prototypes; a merge of untrusted input must never write them. */
const FORBIDDEN: readonly PropertyKey[] = ['__proto__', 'constructor', 'prototype']

/** One overridden setting. */
export interface Override {
  readonly layer: string
  readonly value: unknown
  readonly enumerable: boolean
}

/**
 * A layer's values, each read once; what happens to the given object afterwards changes nothing.
 *
 * @param option what the values are called in errors. Default: settings
 * @throws InvalidOptionError for `__proto__`, `constructor` and `prototype`, also inside plain objects and arrays
 */
export function readOverrides(
  layer: string,
  values: object,
  option = 'settings',
): ReadonlyMap<PropertyKey, Override> {
  const overrides = new Map<PropertyKey, Override>()
  const given = record(option, values)
  for (const key of Reflect.ownKeys(given)) {
    refuseForbidden(key, option)
    const value: unknown = Reflect.get(given, key)
    const enumerable = Object.prototype.propertyIsEnumerable.call(given, key)
    overrides.set(key, Object.freeze({ layer, value, enumerable }))
  }
  refuseForbiddenInside(
    [...overrides.values()].map(({ value }) => value),
    option,
  )
  return overrides
}

function refuseForbidden(key: PropertyKey, option: string): void {
  if (FORBIDDEN.includes(key)) throw new InvalidOptionError(option, 'without a reserved key', key)
}

/** Only plain objects and arrays can come from a parsed document; instances of classes are the application's affair. */
function refuseForbiddenInside(values: readonly unknown[], option: string): void {
  const pending = values.filter(isPlain)
  const seen = new Set<object>(pending)
  for (const container of seen) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(container))) {
      refuseForbidden(key, option)
      if (isPlain(value)) seen.add(value)
    }
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}
