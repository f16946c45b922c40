import { constants } from 'node:os'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Somebody ended the demo from outside. */
export class Stopped extends Error {
  readonly status: number

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`)
    // As shells have it.
    this.status = 128 + constants.signals[signal]
  }
}

/** Aborted by Ctrl-C and its like, and when the limit has passed. */
export function untilTold(startedAt: number, limitMs: number): AbortSignal {
  const controller = new AbortController()
  for (const name of STOP_SIGNALS) process.on(name, () => controller.abort(new Stopped(name)))
  const tooLong = new Error(`not over after ${limitMs / 1_000} s`)
  setTimeout(() => controller.abort(tooLong), limitMs - (Date.now() - startedAt)).unref()
  return controller.signal
}

/** Waits for work that does not know of the signal, and no longer than until it is aborted. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return Promise.race([work, aborted])
}
