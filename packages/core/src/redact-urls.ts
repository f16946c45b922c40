/** Something where a port should be, and a space before the `@`: a password that nobody has encoded. */
const SPACED = /\/\/(?:[^\s/?#:@[\]]{1,128}:(?!\d{1,5}(?:[^\d@]|$))|:)[^\s@][^@]{0,256}@/g
/** The user's name before the colon of `user:secret@host`. */
const USER = /[\w.%+-]{0,128}$/

/** Hides what stands before the `@` of every URL in the text; the rest of it (host, port, path) stays. */
export function hideUrlCredentials(text: string): string {
  const words = text
    .split(' ')
    .map((word) => (word.includes('//') ? hideUserInfo(word) : hideBareUserInfo(word)))
  return words.join(' ').replace(SPACED, '//***@')
}

/**
 * The last `@` counts, and a `/` ends nothing: passwords contain both. A path with an `@` loses its beginning that way,
 * which is the lesser harm. Packages have an `@` in their paths; a file URL has no credentials.
 */
function hideUserInfo(word: string): string {
  const at = word.lastIndexOf('@')
  const from = word.indexOf('//')
  if (at < from || word.slice(0, from).endsWith('file:')) return word
  return `${word.slice(0, from)}//***${word.slice(at)}`
}

/** `user:secret@host` without a scheme. With a slash in it, it is a path. */
function hideBareUserInfo(word: string): string {
  const at = word.lastIndexOf('@')
  const colon = word.indexOf(':')
  const secret = word.slice(colon + 1, Math.max(at, colon + 1))
  if (colon < 0 || secret === '' || secret.includes('/') || !/[\w[]/.test(word.charAt(at + 1))) return word
  return `${word.slice(0, colon).replace(USER, '')}***${word.slice(at)}`
}
