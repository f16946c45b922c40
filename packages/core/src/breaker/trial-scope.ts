import { AsyncLocalStorage } from 'node:async_hooks'
import type { Trial } from './trial.ts'

/**
 * Knows whether code runs inside a trial of its breaker: a nested call rides on its parent's permit, or the two would
 * wait for each other. Off while there is no trial, because on older versions of Node it costs every promise something.
 */
export class TrialScope {
  readonly #storage = new AsyncLocalStorage<Trial>()
  #running = 0

  run<T>(trial: Trial, work: () => T): T {
    this.#running += 1
    return this.#storage.run(trial, work)
  }

  leave(): void {
    this.#running -= 1
    if (this.#running === 0) this.#storage.disable()
  }

  /** The trial inside which this code runs; it may be over. */
  get trial(): Trial | undefined {
    return this.#storage.getStore()
  }
}
