/** What the work of `run` is given. */
export class CallContext {
  readonly #makeSignal: () => AbortSignal
  #signal: AbortSignal | undefined

  constructor(makeSignal: () => AbortSignal) {
    this.#makeSignal = makeSignal
  }

  /** Aborted when the call's time is up, or its caller gives up. Made when it is first looked at. */
  get signal(): AbortSignal {
    return (this.#signal ??= this.#makeSignal())
  }
}

/** Nothing ends this call but itself. */
export const endless = (): AbortSignal => new AbortController().signal
