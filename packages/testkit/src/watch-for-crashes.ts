export interface CrashWatch extends Disposable {
  /** What would have ended the process: uncaught exceptions and unhandled rejections, in order. */
  readonly errors: readonly unknown[]
}

/**
 * Records what would crash an application, instead of crashing, until it is disposed of. Node reports an
 * unhandled rejection after the microtasks of its tick, so poll or wait a turn before you look. A test runner
 * listens too and will fail the run as well; run what is meant to crash in a child process.
 */
export function watchForCrashes(): CrashWatch {
  const errors: unknown[] = []
  const record = (error: unknown) => void errors.push(error)
  process.on('uncaughtException', record)
  process.on('unhandledRejection', record)
  return {
    errors,
    [Symbol.dispose]() {
      process.off('uncaughtException', record)
      process.off('unhandledRejection', record)
    },
  }
}
