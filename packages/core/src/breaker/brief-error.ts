import type { ErrorSummary } from '../adapter/describe-error.ts'
import { briefText } from '../brief-text.ts'

/**
 * As much of an error as a breaker by itself tells: its monitor, if it has one, tells more. Never throws.
 */
export function briefError(error: unknown): ErrorSummary {
  if (typeof error !== 'object' || error === null) return summary(kindOf(error), textOf(error), undefined)
  try {
    const { name, message, code, cause } = error as Record<string, unknown>
    return summary(name, message, code ?? codeOf(cause))
  } catch {
    return summary('object', '', undefined)
  }
}

function kindOf(thrown: unknown): string {
  return thrown === null ? 'null' : typeof thrown
}

function textOf(thrown: unknown): string {
  return typeof thrown === 'function' ? '' : String(thrown)
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
}

function summary(name: unknown, message: unknown, code: unknown): ErrorSummary {
  const hasCode = typeof code === 'string' || typeof code === 'number'
  return Object.freeze({
    name: brief(name) ?? 'Error',
    ...(hasCode ? { code: briefText(String(code)) } : {}),
    message: brief(message) ?? '',
  })
}

function brief(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? briefText(text) : undefined
}
