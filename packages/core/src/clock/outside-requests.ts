import { AsyncResource } from 'node:async_hooks'

/** Made at import, outside any request. */
const outside = new AsyncResource('failover', { requireManualDestroy: true })

/**
 * Runs work outside the `AsyncLocalStorage` of whichever request happened to trigger it: what outlives a request must
 * neither be attributed to it nor hold its memory.
 */
export function runOutsideRequests<T>(work: () => T): T {
  return outside.runInAsyncScope(work)
}
