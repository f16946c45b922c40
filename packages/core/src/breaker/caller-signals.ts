/** A call that its caller may give up. */
export interface Abortable {
  abort(reason: unknown): void
}

/**
 * Listens to callers' signals: with one listener for all calls under one signal, and none when there is no call. A
 * server's signal may live as long as the process, and see millions of calls.
 */
export class CallerSignals {
  readonly #calls = new Map<AbortSignal, Set<Abortable>>()

  add(signal: AbortSignal, call: Abortable): void {
    const calls = this.#calls.get(signal) ?? this.#listen(signal)
    calls.add(call)
  }

  remove(signal: AbortSignal, call: Abortable): void {
    const calls = this.#calls.get(signal)
    if (calls?.delete(call) !== true || calls.size > 0) return
    this.#calls.delete(signal)
    signal.removeEventListener('abort', this.#onAbort)
  }

  #listen(signal: AbortSignal): Set<Abortable> {
    const calls = new Set<Abortable>()
    this.#calls.set(signal, calls)
    signal.addEventListener('abort', this.#onAbort, { once: true })
    return calls
  }

  /** The listener is gone by itself: to take it off while others are being told would keep some of them from hearing. */
  readonly #onAbort = (event: Event): void => {
    const signal = event.target as AbortSignal
    const calls = this.#calls.get(signal) ?? []
    this.#calls.delete(signal)
    for (const call of calls) call.abort(signal.reason)
  }
}
