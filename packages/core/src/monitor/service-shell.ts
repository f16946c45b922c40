import type { Clock, Timer } from '../clock/clock.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import type { EventHub } from '../events/event-hub.ts'
import { nextDeadline } from '../machine/deadlines.ts'
import type { Effect } from '../machine/effect.ts'
import type { Signal } from '../machine/signal.ts'
import { initialState, type MachineState } from '../machine/state.ts'
import { transition } from '../machine/transition.ts'
import { HookRunner } from './hook-runner.ts'
import { Pinger, type Trigger } from './pinger.ts'
import type { ServiceConfig } from './service-config.ts'
import type { ServiceOverrides } from './service-overrides.ts'

export interface ShellParts {
  readonly config: ServiceConfig
  readonly clock: Clock
  readonly hub: EventHub
  readonly overrides: ServiceOverrides
  /** Whether time alone may act; without it, triggers do. */
  readonly background: boolean
  /** Whether anything happens at all. */
  readonly enabled: boolean
}

/**
 * Holds the state of one service. For each signal: ask the machine, commit, publish, run the effects in order. A signal
 * that arrives meanwhile is queued, never recursive.
 */
export class ServiceShell {
  readonly config: ServiceConfig
  readonly #parts: ShellParts
  readonly #pinger: Pinger
  readonly #hooks: HookRunner
  readonly #queue: Signal[] = []
  readonly #watchers = new Set<(signal: Signal) => void>()
  #state: MachineState
  #isDraining = false
  #isStopped: boolean
  #timer: Timer | undefined
  #wakeAt = Infinity

  constructor(parts: ShellParts) {
    const { config, clock, overrides, enabled } = parts
    this.config = config
    this.#isStopped = !enabled
    this.#parts = parts
    this.#state = initialState(config.rules.openMs, clock.now())
    const state = (): MachineState => this.#state
    const dispatch = (signal: Signal): void => this.dispatch(signal)
    this.#pinger = new Pinger({ config, clock, state, dispatch })
    this.#hooks = new HookRunner({ config, clock, overrides, state, dispatch })
  }

  get state(): MachineState {
    return this.#state
  }

  /** Starts what time alone does: background pings, retries, re-logging. */
  start(): void {
    this.#rearm()
  }

  dispatch(signal: Signal): void {
    if (this.#isStopped) return
    this.#queue.push(signal)
    if (!this.#isDraining) runOutsideRequests(() => this.#drain())
  }

  /** Starts a ping if one is due. @returns the ping that runs now, if any */
  trigger(trigger: Trigger): Promise<void> | undefined {
    if (this.#isStopped) return undefined
    if (!this.#parts.background) this.dispatch({ type: 'time-passed' })
    const ping = this.#pinger.trigger(trigger)
    this.#rearm()
    return ping
  }

  /** Whether anything still happens: not after `stop()`, nor where the monitor is disabled. */
  get isActive(): boolean {
    return !this.#isStopped
  }

  /** Calls `watcher` after each signal, once its effects have run. @returns a function that stops it */
  onSignal(watcher: (signal: Signal) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  noteTraffic(): void {
    this.#pinger.noteTraffic()
  }

  /** Whether a `failover()` has succeeded that no `recover()` has undone. */
  get isMovedAway(): boolean {
    return this.#hooks.isMovedAway
  }

  /** Nothing of this service happens any more. @returns what is still coming to its end */
  async stop(): Promise<unknown> {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#pinger.stop()
    this.#hooks.abort()
    // A hook that stops its own service has not returned yet.
    await Promise.resolve()
    return Promise.allSettled([this.#pinger.inFlight, this.#hooks.running])
  }

  #drain(): void {
    this.#isDraining = true
    try {
      for (let signal = this.#queue.shift(); signal !== undefined; signal = this.#queue.shift())
        if (!this.#isStopped) this.#step(signal)
    } finally {
      this.#isDraining = false
      this.#rearm()
    }
  }

  #step(signal: Signal): void {
    const { state, effects } = transition(this.#state, signal, this.config.rules, this.#parts.clock.now())
    this.#state = state
    for (const effect of effects) this.#publish(effect)
    for (const effect of effects) this.#run(effect)
    for (const watcher of this.#watchers) watcher(signal)
  }

  #publish(effect: Effect): void {
    if (effect.type !== 'publish' || this.#isStopped) return
    this.#parts.hub.publish({ ...effect.event, service: this.config.name })
  }

  /** A listener may have unregistered the service, or closed the monitor: then nothing is done. */
  #run(effect: Effect): void {
    if (this.#isStopped) return
    switch (effect.type) {
      case 'run-failover':
        return this.#hooks.runFailover(effect.attempt)
      case 'run-recover':
        return this.#hooks.runRecover(effect.attempt)
      case 'undo-failover':
        return this.#parts.overrides.remove()
      case 'trigger-ping':
        return void this.#pinger.trigger('due')
      case 'publish':
      case 'admit':
      case 'rescue':
      case 'refuse':
        return
    }
  }

  /** One timer per service, for whichever comes first: the next ping, or the machine's next deadline. */
  #rearm(): void {
    if (this.#isStopped || !this.#parts.background || this.#isDraining) return
    const wakeAt = this.#nextAt()
    if (wakeAt === this.#wakeAt) return
    this.#timer?.cancel()
    this.#wakeAt = wakeAt
    if (wakeAt !== Infinity) this.#sleepUntil(wakeAt)
  }

  #nextAt(): number {
    return Math.min(this.#pinger.nextAt(), nextDeadline(this.#state)?.at ?? Infinity)
  }

  #sleepUntil(wakeAt: number): void {
    const { clock } = this.#parts
    this.#timer = clock.startTimer(() => this.#wake(), Math.max(0, wakeAt - clock.now()))
  }

  #wake(): void {
    this.#wakeAt = Infinity
    this.#pinger.wake()
    this.dispatch({ type: 'time-passed' })
  }
}
