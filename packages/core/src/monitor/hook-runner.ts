import { describeError } from '../adapter/describe-error.ts'
import type { Clock, Timer } from '../clock/clock.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import { HookError } from '../errors.ts'
import type { Signal } from '../machine/signal.ts'
import type { HookName, MachineState } from '../machine/state.ts'
import type { FailoverContext } from '../service.ts'
import type { ServiceConfig } from './service-config.ts'
import type { ServiceOverrides } from './service-overrides.ts'

export interface HookRunnerParts {
  readonly config: ServiceConfig
  readonly clock: Clock
  readonly overrides: ServiceOverrides
  readonly state: () => MachineState
  readonly dispatch: (signal: Signal) => void
}

/** Runs `failover()` and `recover()` with a deadline, and tells the machine how they ended. Never decides. */
export class HookRunner {
  readonly #parts: HookRunnerParts
  /** Of the hook that was started last, unless it failed: its context alone may override settings. */
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #isMovedAway = false
  #running: Promise<unknown> | undefined

  constructor(parts: HookRunnerParts) {
    this.#parts = parts
  }

  get running(): Promise<unknown> | undefined {
    return this.#running
  }

  /** Whether a `failover()` has succeeded that no `recover()` has undone. */
  get isMovedAway(): boolean {
    return this.#isMovedAway
  }

  /** Overrides first, all at once, so that the hook already sees them. */
  runFailover(attempt: number): void {
    const { config, overrides } = this.#parts
    try {
      overrides.apply(config.failoverSettings)
    } catch (error) {
      this.#dispatch({ type: 'hook-failed', hook: 'failover', attempt, error: describeError(error) })
      return
    }
    this.#run('failover', config.failover, attempt)
  }

  /** The overrides leave once `recover()` has succeeded, not before: a half-restored application is worse. */
  runRecover(attempt: number): void {
    this.#run('recover', this.#parts.config.recover, attempt)
  }

  /** Tells a hook in flight to stop; its end is of no interest any more. */
  abort(): void {
    this.#timer?.cancel()
    this.#abort?.abort(new HookError('ERR_CONTEXT_EXPIRED', 'the monitor was closed'))
  }

  #run(hook: HookName, call: ((context: FailoverContext) => unknown) | undefined, attempt: number): void {
    const abort = new AbortController()
    this.#abort = abort
    if (call === undefined) {
      this.#fulfil(hook, attempt)
      return
    }
    const timer = this.#parts.clock.startTimer(() => this.#timeOut(hook, attempt, abort), this.#timeoutMs)
    this.#timer = timer
    const context = this.#context(abort)
    const running = runOutsideRequests(async () => call(context)).then(
      () => this.#fulfil(hook, attempt),
      (error: unknown) => this.#fail(hook, attempt, abort, error),
    )
    this.#running = running.finally(() => timer.cancel())
  }

  get #timeoutMs(): number {
    return this.#parts.config.rules.hookTimeoutMs
  }

  /** Late or not, what `recover()` has done is done: the overrides go with it, but for those of a later failover. */
  #fulfil(hook: HookName, attempt: number): void {
    const { overrides, state } = this.#parts
    this.#isMovedAway = hook === 'failover'
    if (hook === 'recover' && state().failover.name !== 'failing-over') overrides.remove()
    this.#dispatch({ type: 'hook-fulfilled', hook, attempt })
  }

  #fail(hook: HookName, attempt: number, abort: AbortController, error: unknown): void {
    if (this.#abort === abort) this.#abort = undefined
    this.#dispatch({ type: 'hook-failed', hook, attempt, error: describeError(error) })
  }

  #timeOut(hook: HookName, attempt: number, abort: AbortController): void {
    const error = new HookError('ERR_HOOK_TIMEOUT', `${hook}() has not settled within ${this.#timeoutMs} ms`)
    abort.abort(error)
    this.#dispatch({ type: 'hook-timed-out', hook, attempt, error: describeError(error) })
  }

  #context(abort: AbortController): FailoverContext {
    const { config, overrides, state } = this.#parts
    const { signal } = abort
    const { outage, lastError } = state()
    const error = outage?.error ?? lastError ?? { name: 'Hold', message: 'held open by an operator' }
    const override = (settings: Record<string, unknown>): void => {
      if (signal.aborted || this.#abort !== abort)
        throw new HookError('ERR_CONTEXT_EXPIRED', 'override() came after the time of the hook was up')
      overrides.apply(settings)
    }
    return Object.freeze({ service: config.name, signal, error, override })
  }

  #dispatch(signal: Signal): void {
    this.#parts.dispatch(signal)
  }
}
