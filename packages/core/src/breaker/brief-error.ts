import type { ErrorSummary } from '../adapter/describe-error.ts'
import { briefText } from '../brief-text.ts'

/**
 * As much of an error as a breaker by itself tells: its monitor, if it has one, tells more. Never throws.
 */
export function briefError(error: unknown): ErrorSummary {
  try {
    const { name, message, code, cause } = error as Record<string, unknown>
    const inner = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
    return summary(name, message, code ?? inner)
  } catch {
    return summary(typeof error, typeof error === 'string' ? error : '', undefined)
  }
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
