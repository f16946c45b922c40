import type { Abortable, CallerSignals } from '../breaker/caller-signals.ts'
import type { CallContext } from '../breaker/call-context.ts'
import type { RunOptions } from '../breaker/run-guarded.ts'
import { readProperty } from '../adapter/read-property.ts'
import { isTimeout } from './fetch-failure.ts'
import { withSignal, type FetchInit, type FetchInput } from './fetch-request.ts'

type Fetch = typeof globalThis.fetch

/** One request and its response, of which nothing is left behind if its caller does not get it. */
export class Exchange implements Abortable {
  readonly #callers: CallerSignals
  /** The caller's, if it has one. */
  readonly #signal: AbortSignal | undefined
  /** Aborted when the caller gives up: not by `AbortSignal.timeout()`, for that is a failure of the origin. */
  readonly #givenUp: AbortController | undefined
  #whenTimedOut: ((reason: unknown) => void) | undefined
  #response: Response | undefined
  #isOver = false

  /** @param callers listens to the signals of all callers */
  constructor(callers: CallerSignals, signal: AbortSignal | undefined) {
    this.#callers = callers
    this.#signal = signal
    if (signal !== undefined) this.#givenUp = new AbortController()
  }

  get runOptions(): RunOptions | undefined {
    return this.#givenUp && { signal: this.#givenUp.signal }
  }

  /** @param hasTimeLimit whether the breaker may end the request; if not it is left as it is, with its own signal */
  send(fetch: Fetch, input: FetchInput, init: FetchInit, context: CallContext, hasTimeLimit: boolean) {
    return new Promise<Response>((resolve, reject) => {
      this.#whenTimedOut = reject
      if (this.#signal !== undefined) this.#callers.add(this.#signal, this)
      const ownInit = hasTimeLimit ? withSignal(init, this.#joined(context.signal)) : init
      Promise.resolve(fetch(input, ownInit)).then((response) => {
        this.#arrived(response)
        resolve(response)
      }, reject)
    })
  }

  /** The caller's signal is aborted. */
  abort(reason: unknown): void {
    if (isTimeout(reason)) this.#whenTimedOut?.(reason)
    else this.#givenUp?.abort(reason)
  }

  /** Waits for what the caller gets in the end, and frees the response if that is something else. */
  async conclude<T>(running: Promise<T>): Promise<T> {
    let answer: unknown
    try {
      const given = await running
      answer = given
      return given
    } finally {
      this.#end(answer)
    }
  }

  /** The caller may still end the request while its body is read; the breaker only until its headers are there. */
  #joined(own: AbortSignal): AbortSignal {
    return this.#signal instanceof AbortSignal ? AbortSignal.any([this.#signal, own]) : own
  }

  #arrived(response: Response): void {
    this.#response = response
    if (this.#isOver) discard(response)
  }

  #end(answer: unknown): void {
    this.#isOver = true
    if (this.#signal !== undefined) this.#callers.remove(this.#signal, this)
    if (this.#response !== undefined && !isMadeOf(answer, this.#response)) discard(this.#response)
  }
}

/** A fallback may hand on the response itself, or its body in another one. */
function isMadeOf(answer: unknown, response: Response): boolean {
  const body = readProperty(response, 'body')
  return answer === response || (body !== null && readProperty(answer, 'body') === body)
}

/** A body that nobody reads would keep its connection. One that somebody is reading is left alone. */
function discard(response: Response): void {
  const ignore = (): void => {}
  try {
    response.body?.cancel().catch(ignore)
  } catch {
    // What another fetch gives may be anything.
  }
}
