/* What can be known of a request before it is made, without taking anything from it. */
import { readProperty } from '../adapter/read-property.ts'

export type FetchInput = Parameters<typeof globalThis.fetch>[0]
export type FetchInit = Parameters<typeof globalThis.fetch>[1]

const LONGEST_ORIGIN = 512

/** The origin, without credentials; undefined for what is no absolute URL of http or https. */
export function originOf(input: unknown): string | undefined {
  const href = hrefOf(input)
  if (href === undefined || !URL.canParse(href)) return undefined
  const { protocol, origin } = new URL(href)
  const isHttp = protocol === 'http:' || protocol === 'https:'
  return isHttp && origin.length <= LONGEST_ORIGIN ? origin : undefined
}

/** Of a string, a URL or a Request, whosever they are. */
function hrefOf(input: unknown): string | undefined {
  const href = typeof input === 'string' ? input : (readProperty(input, 'href') ?? readProperty(input, 'url'))
  return typeof href === 'string' ? href : undefined
}

/** The signal that ends the request: what `init` says goes before what the Request says, also where it says `null`. */
export function signalOf(input: unknown, init: unknown): unknown {
  const own = readProperty(init, 'signal')
  return own === undefined ? (readProperty(input, 'signal') ?? undefined) : (own ?? undefined)
}

export function isLive(signal: unknown): signal is AbortSignal {
  return (
    readProperty(signal, 'aborted') === false &&
    typeof readProperty(signal, 'addEventListener') === 'function'
  )
}

/** The same options with another signal. What is not plain (a Request may stand for options) is read through. */
export function withSignal(init: FetchInit, signal: AbortSignal): FetchInit {
  if (init === undefined || init === null || isPlain(init)) return { ...init, signal }
  return new Proxy(init, {
    get: (target, key): unknown => (key === 'signal' ? signal : Reflect.get(target, key, target)),
  })
}

function isPlain(init: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(init)
  return prototype === Object.prototype || prototype === null
}
