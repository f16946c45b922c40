import type { Clock } from '../clock/clock.ts'
import type { Hold, HoldKind } from '../machine/state.ts'
import { durationMs, knownKeys, optional, record, text } from './validate.ts'

export interface HoldOptions {
  /** Why; shown in logs and events. */
  reason?: string
  /** Who decided; shown in logs and events. */
  author?: string
  /** The hold ends by itself after this time. Default: it does not. */
  expiresInMs?: number
}

/**
 * @param show what is done to texts that people will read
 * @throws InvalidOptionError
 */
export function readHold(
  kind: HoldKind,
  options: HoldOptions,
  clock: Clock,
  show: (text: string) => string,
): Hold {
  knownKeys('hold', record('options of hold', options), ['reason', 'author', 'expiresInMs'])
  const shown = optional((option: string, value: unknown) => show(text(option, value)))
  const expiresInMs = optional((option, value) => durationMs(option, value))(
    'expiresInMs',
    options.expiresInMs,
  )
  return Object.freeze({
    kind,
    reason: shown('reason', options.reason),
    author: shown('author', options.author),
    expiresAt: expiresInMs === undefined ? undefined : clock.now() + expiresInMs,
  })
}
