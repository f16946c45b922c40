import type { Clock } from './clock.ts'

/** Resolves when the work has settled, or after `timeoutMs`: whatever hangs, the caller goes on. Keeps the process alive. */
export function atMost(clock: Clock, work: Promise<unknown>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.startTimer(resolve, timeoutMs, { keepAlive: true })
    const done = (): void => {
      timer.cancel()
      resolve()
    }
    work.then(done, done)
  })
}
