import { InvalidOptionError } from '../errors.ts'

export type KeyTest = (key: string) => boolean

/**
 * Reads which keys an entry speaks of: one key, a pattern in which `*` stands for any characters, or a RegExp.
 *
 * @throws InvalidOptionError
 */
export function keyTest(option: string, pattern: unknown): KeyTest {
  if (process.getBuiltinModule('node:util').types.isRegExp(pattern)) return regExpTest(pattern)
  if (typeof pattern === 'string' && pattern !== '') return textTest(pattern)
  throw new InvalidOptionError(option, 'a key, a pattern with * in it, or a RegExp', pattern)
}

/** A copy, always asked from the start: with the flags g and y a RegExp goes on from where it last was. */
function regExpTest({ source, flags }: RegExp): KeyTest {
  const copy = new RegExp(source, flags)
  return (key) => {
    copy.lastIndex = 0
    return copy.test(key)
  }
}

function textTest(pattern: string): KeyTest {
  const [prefix = '', ...rest] = pattern.split('*')
  const suffix = rest.pop()
  if (suffix === undefined) return (key) => key === pattern
  return (key) => {
    const end = key.length - suffix.length
    return prefix.length <= end && key.startsWith(prefix) && key.endsWith(suffix)
      ? containsInOrder(key.slice(prefix.length, end), rest)
      : false
  }
}

/** The first place of each part is the best one, so nothing is ever tried twice: a key may be hostile. */
function containsInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0
  for (const part of parts) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return true
}
