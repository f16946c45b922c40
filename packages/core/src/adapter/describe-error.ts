import { redact } from '../redact.ts'
import { errorChain } from './error-chain.ts'
import { isObject, readProperty } from './read-property.ts'

/** What logs, events, stores and HTTP bodies are given of an error. Frozen. */
export interface ErrorSummary {
  /** Name of the error, or what was thrown instead of one ("string", "undefined"). */
  readonly name: string
  /** Its code, else the first code among the errors that it wraps. */
  readonly code?: string
  /** Without credentials or control characters; at most 256 characters. */
  readonly message: string
}

/** Names and codes are words; more than this is no name. */
const LONGEST_WORD = 80
/** An aggregate of many addresses is told by its first few. */
const MOST_MESSAGES = 3

/**
 * An error, or whatever was thrown, short enough for a log line and without credentials. An error without a message of
 * its own (the `AggregateError` of a refused connection to a dual-stack host) is described by what it wraps. Never throws.
 */
export function describeError(error: unknown): ErrorSummary {
  const chain = errorChain(error)
  const code = firstOf(chain, codeOf)
  const message = messageOf(error) ?? wrappedMessages(chain) ?? ''
  return Object.freeze({
    name: nameOf(error),
    ...(code === undefined ? {} : { code }),
    message: redact(message),
  })
}

function nameOf(error: unknown): string {
  if (!isObject(error)) return error === null ? 'null' : typeof error
  return (
    word(readProperty(error, 'name')) ??
    word(readProperty(readProperty(error, 'constructor'), 'name')) ??
    'Object'
  )
}

/** AMQP replies and MySQL errors have numbers for codes. */
function codeOf(error: unknown): string | undefined {
  const code = readProperty(error, 'code')
  return word(Number.isSafeInteger(code) ? String(code) : code)
}

function word(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? redact(text).slice(0, LONGEST_WORD) : undefined
}

/** Undefined if there is none to show. */
function messageOf(error: unknown): string | undefined {
  if (typeof error === 'function') return 'a function'
  const message = isObject(error) ? readProperty(error, 'message') : String(error)
  const isText = typeof message === 'string' && message.trim() !== ''
  return isText ? redact(message) : undefined
}

function wrappedMessages(chain: readonly unknown[]): string | undefined {
  const messages = new Set(chain.filter(isObject).map(messageOf))
  messages.delete(undefined)
  return messages.size === 0 ? undefined : [...messages].slice(0, MOST_MESSAGES).join('; ')
}

function firstOf<T>(chain: readonly unknown[], read: (error: unknown) => T | undefined): T | undefined {
  for (const each of chain) {
    const found = read(each)
    if (found !== undefined) return found
  }
  return undefined
}
