const LONGEST = 200
/** What may begin a secret: a value after a label, a URL's credentials, a quotation, a scheme with its token. */
const SUSPICIOUS =
  /[=@"'`{<]|:(?! |\d{1,5}(?:[^\w@/]|$))|auth|basic|bearer|cookie|credential|dsn|key|pass|pwd|secret|signature|token/i
const UNPRINTABLE = /[^\p{L}\p{N}\p{P}\p{S} ]/gu

/** A text up to where it might begin to tell a secret. Plain, and not clever: `redact` knows more, and is much longer. */
export function briefText(text: string): string {
  return (text.slice(0, LONGEST).split(SUSPICIOUS)[0] ?? '').replace(UNPRINTABLE, ' ').trimEnd()
}
