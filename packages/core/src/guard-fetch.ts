import { checkBreakerOptions, type BreakerOptions } from './breaker/breaker-options.ts'
import { CallerSignals } from './breaker/caller-signals.ts'
import type { Clock } from './clock/clock.ts'
import { systemClock } from './clock/system-clock.ts'
import { InvalidOptionError } from './errors.ts'
import { Exchange } from './fetch/exchange.ts'
import { isFailureResponse, isFetchFailure } from './fetch/fetch-failure.ts'
import { isLive, originOf, signalOf, type FetchInit, type FetchInput } from './fetch/fetch-request.ts'
import { retryAfterMs } from './fetch/retry-after.ts'
import { KeyedCircuitBreaker } from './keyed-circuit-breaker.ts'
import { keyTest } from './keyed/key-pattern.ts'
import { withoutUndefined, type KeyOverride } from './keyed/keyed-options.ts'
import { callable, count, list, record } from './options/validate.ts'

/** What holds for some origins only. */
export interface OriginOverride extends BreakerOptions {
  /**
   * One origin, as `https://api.example.com`; a pattern in which `*` stands for any characters, also for none, as
   * `https://*.example.com`; or a RegExp, which is tested.
   */
  origins: string | RegExp
}

/**
 * What a breaker of an origin is told. `isFailure`, `isFailureResult` and `retryAfterMs` replace what `guardFetch` does
 * by itself; `timeoutMs` lasts until the headers of the response are there; `fallback` is told what `fetch` was given.
 */
export interface GuardFetchOptions extends BreakerOptions {
  /** So many origins have a circuit at the most. Default: 1 000. */
  maxOrigins?: number | undefined
  /** What holds for some origins, over what holds for all. Where several entries match, later ones win. */
  byOrigin?: readonly OriginOverride[] | undefined
  clock?: Clock | undefined
}

/** A `fetch` whose origins have circuits. Close `breakers` to let everything pass. */
export type GuardedFetch = typeof globalThis.fetch & { readonly breakers: KeyedCircuitBreaker }

/**
 * The same `fetch`, with a circuit for each origin.
 *
 * Failures are: errors of the network and of certificates, `TimeoutError` (also of an `AbortSignal.timeout()` that the
 * caller gave), the breaker's own timeout, and the statuses 429 and from 500 on, but for 501 and 505. Such a response is
 * returned like any other; its `Retry-After` becomes the open time, up to `longestOpenMs`. Callers who give up, mistakes
 * in the request and all other statuses say nothing, or well. A request is made once at the most.
 *
 * A response that the caller does not get, because a fallback answers in its place or its time is up, is discarded.
 * What is no absolute URL of http or https goes to `fetch` as it is.
 *
 * @returns what rejects, besides with the errors of `fetch`, with CircuitOpenError (its `service` is the origin) if the
 *   call is refused, and with CallTimeoutError if its time is up
 * @throws InvalidOptionError, ContradictoryOptionsError
 */
export function guardFetch(fetch: typeof globalThis.fetch, options: GuardFetchOptions = {}): GuardedFetch {
  callable('fetch', fetch)
  const breakers = breakersOf(options)
  const callers = new CallerSignals()
  const hasTimeLimit = [options, ...(options.byOrigin ?? [])].some(({ timeoutMs }) => timeoutMs !== undefined)
  const guarded = async (input: FetchInput, init?: FetchInit): Promise<Response> => {
    const origin = originOf(input)
    const signal = signalOf(input, init)
    if (origin === undefined || !(signal === undefined || isLive(signal))) return fetch(input, init)
    const exchange = new Exchange(callers, signal)
    return exchange.conclude(
      breakers.run(
        origin,
        (context) => exchange.send(fetch, input, init, context, hasTimeLimit),
        exchange.runOptions,
        [input, init],
      ),
    )
  }
  return Object.defineProperties(guarded, {
    name: { value: 'fetch' },
    breakers: { value: breakers },
  }) as GuardedFetch
}

function breakersOf(options: GuardFetchOptions): KeyedCircuitBreaker {
  record('options of guardFetch', options)
  const { maxOrigins, byOrigin = [], ...rest } = options
  checkBreakerOptions('guardFetch', rest, ['name', 'snapshot'], ['maxOrigins', 'byOrigin'])
  const { clock = systemClock } = rest
  return new KeyedCircuitBreaker(
    {
      name: 'fetch',
      isFailure: isFetchFailure,
      isFailureResult: isFailureResponse,
      retryAfterMs: (response) => retryAfterMs(response, clock),
      ...withoutUndefined(rest),
      ...(maxOrigins === undefined ? {} : { maxKeys: count('maxOrigins', maxOrigins) }),
      byKey: list('byOrigin', byOrigin).map((entry, at) => toKeyOverride(`byOrigin[${at}]`, entry)),
    },
    (origin) => origin,
  )
}

function toKeyOverride(option: string, entry: unknown): KeyOverride {
  const { origins, ...rest } = record(option, entry)
  checkBreakerOptions(option, rest, ['name', 'clock', 'snapshot'], ['origins'])
  return { ...rest, keys: readOrigins(`${option}.origins`, origins) }
}

/** What could match no origin, such as a URL with a path, is a mistake. */
function readOrigins(option: string, origins: unknown): string | RegExp {
  keyTest(option, origins)
  if (typeof origins !== 'string') return origins as RegExp
  if (ORIGIN_PATTERN.test(origins)) return origins.toLowerCase()
  const origin = originOf(origins)
  if (origin !== undefined && WITHOUT_PATH.test(origins)) return origin
  throw new InvalidOptionError(
    option,
    'an origin as "https://example.com", a pattern as "https://*.com"',
    origins,
  )
}

const ORIGIN_PATTERN = /^(?=.*\*)(?:http|\*)[^/]*(?::\/\/[^/]*)?$/i
const WITHOUT_PATH = /^https?:\/\/[^/?#]*\/?$/i
