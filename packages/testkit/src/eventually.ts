import { setTimeout as sleep } from 'node:timers/promises'

export interface EventuallyOptions {
  /** How long to try, in ms (10 000). An attempt that hangs is given up at the same moment. */
  readonly timeoutMs?: number
  /** Pause between two attempts, in ms (20). */
  readonly everyMs?: number
  /** What is waited for, for the message of the timeout. */
  readonly what?: string
  /** Errors that no further attempt can mend: thrown as they are, at once. */
  readonly isFinal?: (error: unknown) => boolean
}

/**
 * Tries until `attempt` neither throws nor returns a falsy value. A function that returns nothing passes by
 * not throwing, so that a block of assertions can be given as it is.
 */
// eslint-disable-next-line complexity -- the default of an option is no branch
export async function eventually<T>(
  attempt: () => T | PromiseLike<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 20, what = 'the condition' } = options
  const deadline = performance.now() + timeoutMs
  let last: unknown
  do {
    const outcome = await tryOnce(attempt, deadline - performance.now())
    if ('value' in outcome) return outcome.value
    last = outcome.error
    if (options.isFinal?.(last) === true) throw last
    await sleep(Math.max(0, Math.min(everyMs, deadline - performance.now())))
  } while (performance.now() < deadline)
  throw new Error(`waited ${timeoutMs} ms for ${what}: ${messageOf(last)}`, { cause: last })
}

type Attempt<T> = { readonly value: T } | { readonly error: unknown }

async function tryOnce<T>(attempt: () => T | PromiseLike<T>, leftMs: number): Promise<Attempt<T>> {
  const giveUp = new AbortController()
  try {
    const value = await Promise.race([attempt(), hang(Math.max(1, leftMs), giveUp.signal)])
    return isPassing(value) ? { value } : { error: new Error(`got ${String(value)}`) }
  } catch (error) {
    return { error }
  } finally {
    giveUp.abort()
  }
}

async function hang(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, undefined, { signal })
  throw new Error('the last attempt did not settle')
}

const isPassing = (value: unknown): boolean => value === undefined || Boolean(value)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
