import { isObject, readOwnProperty, readProperty } from './read-property.ts'

/** How many wrappers deep it looks; the error itself is depth 0. */
const DEEPEST = 8
/** How many errors it lists in all, so that a huge aggregate costs no time. */
const MOST = 64

/**
 * The error and every error that it wraps, outermost first (breadth first): through `cause`, `AggregateError.errors`,
 * and the `parent` and `original` of Sequelize and its like. At most 8 deep and 64 in all; each error once.
 *
 * Never throws: what cannot be read is passed over. Works for errors of other realms.
 *
 * @param isOpaque errors for which it is true are listed, but what they wrap is not. Default: none
 */
export function errorChain(
  error: unknown,
  isOpaque: (error: unknown) => boolean = () => false,
): readonly unknown[] {
  const seen = new Set<unknown>([error])
  let level: readonly unknown[] = [error]
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    level = level.filter((outer) => !isOpaque(outer)).flatMap((outer) => addTo(seen, wrappedBy(outer)))
  }
  return [...seen]
}

/** Whether it is a real error, of whichever realm; an object that merely looks like one is not. Never throws. */
export function isErrorLike(value: unknown): value is object {
  try {
    return (
      isObject(value) &&
      (process.getBuiltinModule('node:util').types.isNativeError(value) || value instanceof Error)
    )
  } catch {
    return false
  }
}

function addTo(seen: Set<unknown>, found: readonly unknown[]): readonly unknown[] {
  const added: unknown[] = []
  for (const each of found) {
    if (seen.size >= MOST || seen.has(each)) continue
    seen.add(each)
    added.push(each)
  }
  return added
}

function wrappedBy(error: unknown): readonly unknown[] {
  const direct = [readProperty(error, 'cause'), ...listed(readProperty(error, 'errors'))].filter(isObject)
  return [...direct, ...wrappedByLibrary(error)]
}

/** `parent` and `original` are common words: they count only on an error's own self, and only if they hold an error. */
function wrappedByLibrary(error: unknown): readonly unknown[] {
  if (!isErrorLike(error)) return []
  return [readOwnProperty(error, 'parent'), readOwnProperty(error, 'original')].filter(isErrorLike)
}

function listed(errors: unknown): readonly unknown[] {
  try {
    return Array.isArray(errors)
      ? Array.from({ length: lengthOf(errors) }, (_, at) => readProperty(errors, at))
      : []
  } catch {
    return []
  }
}

function lengthOf(errors: readonly unknown[]): number {
  return Math.min(Number(errors.length), MOST) || 0
}
