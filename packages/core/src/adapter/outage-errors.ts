import type { OutageError } from '../options/monitor-options.ts'
import { errorChain } from './error-chain.ts'

/** Whether the error, or one that it wraps, is among those that the application takes for an outage. */
export function matchesOutageErrors(error: unknown, outageErrors: readonly OutageError[]): boolean {
  if (outageErrors.length === 0) return false
  return [...errorChain(error)].some((link) => outageErrors.some((outageError) => matches(link, outageError)))
}

function matches(error: unknown, outageError: OutageError): boolean {
  if (typeof error !== 'object' || error === null) return false
  try {
    if (typeof outageError === 'string') return Reflect.get(error, 'code') === outageError
    if (isClass(outageError)) return error instanceof outageError
    return outageError(error)
  } catch {
    return false
  }
}

/** A predicate is called; a class is compared with. Classes of errors may also be old-fashioned functions. */
function isClass(value: OutageError): value is abstract new (...args: never[]) => unknown {
  if (typeof value !== 'function') return false
  return value.prototype instanceof Error || Function.prototype.toString.call(value).startsWith('class')
}
