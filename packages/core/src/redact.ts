import { hideUrlCredentials } from './redact-urls.ts'

const LONGEST_MESSAGE = 256
/** More is not looked at, so that a hostile message costs no time. Every expression below is linear in it. */
const LONGEST_INPUT = 4_096

const ANSI_ESCAPE = /\u001b\[[0-?]*[ -/]*[@-~]/g
/** Bidirectional marks, zero-width characters: they would split a secret, or reorder a log line. */
const INVISIBLE = /\p{Cf}/gu
/** Line breaks and other control characters: they would forge a log line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu

/** `password=`, `"apiKey": `, `secret => `, and `--token ` of a command line. */
const LABEL = /(?<![\w-])([\w-]+)(?:\\{0,4}["']?\s{0,8}(?:=>|[=:])\s{0,8}|\s(?<=(?:^|\s)--[\w-]{1,64}\s))/g
/** The server says whether a password was given; that is no secret, and often the answer. */
const IS_HARMLESS = /(?:YES|NO)\)/y
const SECRET_LABEL =
  /passw|passphrase|pwd|secret|token|credential|cookie|authorization|signature|(?:api|access|account|auth|encryption|private|shared|signing)key|connectionstring|(?:pass|auth|args|dsn)$/
/** What follows a label: a quoted string (also one cut off), a list, an object, a scheme with its token, a word. */
const SECRET_VALUE =
  /\*\*\*|"(?:[^"\\]|\\.?)*"?|'(?:[^'\\]|\\.?)*'?|\\+"[^"]*"?|\\+'[^']*'?|\[[^\]]*\]?|\{[^}]*\}?|(?:AWS4-HMAC-SHA256|ApiKey|Basic|Bearer|Digest|Negotiate|Token)\s+\S+|\S+/iy

const QUOTED_OR_WORD = String.raw`(?:"[^"]*"?|'[^']*'?|[^\s"']+)`
/** Redis says what it was sent: `AUTH user password`, `"AUTH" "password"`; and what it was configured with. */
const REDIS_SECRET = new RegExp(
  String.raw`\b(AUTH|requirepass|masterauth)\b(["']?[\s,]{1,8})${QUOTED_OR_WORD}(?:[\s,]{1,8}${QUOTED_OR_WORD})?`,
  'g',
)
/** `IDENTIFIED BY 'secret'`, `PASSWORD 'secret'`. */
const SQL_SECRET = /\b(IDENTIFIED\s{1,8}BY|PASSWORD)(\s{1,8}(?:PASSWORD\s{1,8})?)(?:'[^']*'?|"[^"]*"?)/gi
const BEARER = /\b(Bearer)(\s{1,8})\S+/gi

/** Text that may be shown: no credentials, no control characters or bidirectional marks, at most 256 characters. */
export function redact(text: string): string {
  const looked = text.length > LONGEST_INPUT ? cut(text) : text
  return shorten(hideSecrets(hideUrlCredentials(printable(looked))))
}

/** Where the `@` of a URL may have been cut off, one is put back: what stands before it is credentials. */
function cut(text: string): string {
  return `${text.slice(0, LONGEST_INPUT)}@`
}

function printable(text: string): string {
  return text.replace(ANSI_ESCAPE, '').replace(INVISIBLE, '').replace(UNPRINTABLE, ' ')
}

function hideSecrets(text: string): string {
  return hideLabelled(text)
    .replace(REDIS_SECRET, '$1$2***')
    .replace(SQL_SECRET, '$1$2***')
    .replace(BEARER, '$1$2***')
}

function hideLabelled(text: string): string {
  let shown = ''
  let from = 0
  for (const label of text.matchAll(LABEL)) {
    const start = label.index + label[0].length
    if (label.index < from || !isSecret(label[1] ?? '') || lengthAt(IS_HARMLESS, text, start) > 0) continue
    shown += `${text.slice(from, start)}***`
    from = start + lengthAt(SECRET_VALUE, text, start)
  }
  return shown + text.slice(from)
}

function isSecret(label: string): boolean {
  return SECRET_LABEL.test(label.toLowerCase().replace(/[-_]/g, ''))
}

function lengthAt(expression: RegExp, text: string, start: number): number {
  const own = new RegExp(expression)
  own.lastIndex = start
  return own.exec(text)?.[0].length ?? 0
}

function shorten(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text
  return `${text.slice(0, LONGEST_MESSAGE - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
