import type { Fallback, FallbackContext } from './gate-config.ts'
import { isThenable } from './thenable.ts'

/** Asks the fallback, once. Its own error surfaces, with the first one as `cause`. */
export function fallBack(fallback: Fallback, context: FallbackContext): unknown {
  try {
    const answer = fallback(context)
    if (!isThenable(answer)) return answer
    return Promise.resolve(answer).then(undefined, (error: unknown) => {
      throw withCause(error, context)
    })
  } catch (error) {
    throw withCause(error, context)
  }
}

/** An error that has a cause keeps it. */
function withCause(error: unknown, context: FallbackContext): unknown {
  const isOpen = error instanceof Error && Object.isExtensible(error) && !('cause' in error)
  const first = isOpen ? context.error : undefined
  if (isOpen && first !== undefined && first !== error)
    Object.defineProperty(error, 'cause', { value: first, configurable: true, writable: true })
  return error
}
