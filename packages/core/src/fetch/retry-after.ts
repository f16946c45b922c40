import type { Clock } from '../clock/clock.ts'
import { readProperty } from '../adapter/read-property.ts'

const SECONDS = /^\d{1,10}$/
/** All forms of an HTTP date begin so. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/
const ZONE = /(?: GMT)?$/

/**
 * For how long a response asks to be left alone by its `Retry-After`: in seconds, or until a date of the wall clock.
 *
 * @returns milliseconds; undefined if it does not say, or nothing that makes sense
 */
export function retryAfterMs(response: unknown, clock: Clock): number | undefined {
  const header = headerOf(response)
  if (header === undefined) return undefined
  if (SECONDS.test(header)) return Number(header) * 1_000
  if (!HTTP_DATE.test(header)) return undefined
  // The oldest form has no time zone, and means GMT as well.
  const askedMs = Date.parse(header.replace(ZONE, ' GMT')) - clock.wallNow()
  return askedMs > 0 ? askedMs : undefined
}

function headerOf(response: unknown): string | undefined {
  const headers = readProperty(response, 'headers')
  const get = readProperty(headers, 'get')
  if (typeof get !== 'function') return undefined
  const header: unknown = Reflect.apply(get, headers, ['retry-after'])
  return typeof header === 'string' ? header.trim() : undefined
}
