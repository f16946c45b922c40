import { describeError } from '../adapter/describe-error.ts'
import type { Clock } from '../clock/clock.ts'
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
  #abort: AbortController | undefined
  #running: Promise<unknown> | undefined

  constructor(parts: HookRunnerParts) {
    this.#parts = parts
  }

  get running(): Promise<unknown> | undefined {
    return this.#running
  }

  /** Overrides first, all at once, so that the hook already sees them. */
  runFailover(attempt: number): void {
    const { config, overrides } = this.#parts
    overrides.apply(config.failoverSettings)
    this.#run('failover', config.failover, attempt)
  }

  /** The overrides leave once `recover()` has succeeded, not before: a half-restored application is worse. */
  runRecover(attempt: number): void {
    this.#run('recover', this.#parts.config.recover, attempt)
  }

  /** Tells a hook in flight to stop; its end is of no interest any more. */
  abort(): void {
    this.#abort?.abort(new HookError('ERR_CONTEXT_EXPIRED', 'the monitor was closed'))
  }

  #run(hook: HookName, call: ((context: FailoverContext) => unknown) | undefined, attempt: number): void {
    if (call === undefined) {
      this.#fulfil(hook, attempt)
      return
    }
    const abort = new AbortController()
    this.#abort = abort
    const timer = this.#parts.clock.startTimer(() => this.#timeOut(hook, attempt, abort), this.#timeoutMs)
    const context = this.#context(abort.signal)
    const running = runOutsideRequests(async () => call(context)).then(
      () => this.#fulfil(hook, attempt),
      (error: unknown) => this.#dispatch({ type: 'hook-failed', hook, attempt, error: describeError(error) }),
    )
    this.#running = running.finally(() => timer.cancel())
  }

  get #timeoutMs(): number {
    return this.#parts.config.rules.hookTimeoutMs
  }

  /** Late or not, what `recover()` has done is done: the overrides go with it. */
  #fulfil(hook: HookName, attempt: number): void {
    if (hook === 'recover') this.#parts.overrides.remove()
    this.#dispatch({ type: 'hook-fulfilled', hook, attempt })
  }

  #timeOut(hook: HookName, attempt: number, abort: AbortController): void {
    const error = new HookError('ERR_HOOK_TIMEOUT', `${hook}() has not settled within ${this.#timeoutMs} ms`)
    abort.abort(error)
    this.#dispatch({ type: 'hook-timed-out', hook, attempt, error: describeError(error) })
  }

  #context(signal: AbortSignal): FailoverContext {
    const { config, overrides, state } = this.#parts
    const error = state().lastError ?? { name: 'Hold', message: 'held open by an operator' }
    const override = (settings: Record<string, unknown>): void => {
      if (signal.aborted)
        throw new HookError('ERR_CONTEXT_EXPIRED', 'override() came after the time of the hook was up')
      overrides.apply(settings)
    }
    return Object.freeze({ service: config.name, signal, error, override })
  }

  #dispatch(signal: Signal): void {
    this.#parts.dispatch(signal)
  }
}
