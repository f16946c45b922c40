import { Circuit, type CircuitEvent } from '../circuit/circuit.ts'
import type { Clock } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf, FailoverEventType } from '../events/events.ts'
import type { Effect, Step } from '../machine/effect.ts'
import { hookDeadlines } from '../machine/failover-region.ts'
import type { Deadline } from '../machine/region.ts'
import type { Rules } from '../machine/rules.ts'
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

/** The circuit of a registered service: it runs the pings and the hooks that the machine asks for. */
export class ServiceShell extends Circuit {
  readonly config: ServiceConfig
  readonly #parts: ShellParts
  readonly #pinger: Pinger
  readonly #hooks: HookRunner
  readonly #watchers = new Set<(signal: Signal) => void>()

  constructor(parts: ShellParts) {
    const { config, clock, overrides, enabled } = parts
    super(config.name, clock, config.rules, initialState(config.rules.openMs, clock.now()), enabled)
    this.config = config
    this.#parts = parts
    const state = (): MachineState => this.state
    const dispatch = (signal: Signal): void => this.dispatch(signal)
    this.#pinger = new Pinger({ config, clock, state, dispatch })
    this.#hooks = new HookRunner({ config, clock, overrides, state, dispatch })
  }

  /** Starts what time alone does: background pings, retries, re-logging. */
  start(): void {
    this.rearm()
  }

  /** Starts a ping if one is due. @returns the ping that runs now, if any */
  trigger(trigger: Trigger): Promise<void> | undefined {
    if (!this.isActive) return undefined
    if (!this.hasTimer) this.dispatch({ type: 'time-passed' })
    const ping = this.#pinger.trigger(trigger)
    this.rearm()
    return ping
  }

  /** Calls `watcher` after each signal, once its effects have run. @returns a function that stops it */
  onSignal(watcher: (signal: Signal) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  on<T extends FailoverEventType>(type: T, listener: (event: FailoverEventOf<T>) => unknown): () => void {
    return this.#parts.hub.on(type, (event) =>
      'service' in event && event.service === this.name ? listener(event) : undefined,
    )
  }

  override noteTraffic(): void {
    this.#pinger.noteTraffic()
  }

  override meetTrouble(): void {
    const pingAt = this.#pinger.nextAt()
    void this.#pinger.trigger('due')
    if (this.#pinger.nextAt() !== pingAt) this.rearm()
  }

  /** Whether a `failover()` has succeeded that no `recover()` has undone. */
  get isMovedAway(): boolean {
    return this.#hooks.isMovedAway
  }

  /** Nothing of this service happens any more. @returns what is still coming to its end */
  async stop(): Promise<unknown> {
    this.deactivate()
    this.#pinger.stop()
    this.#hooks.abort()
    // A hook that stops its own service has not returned yet.
    await Promise.resolve()
    return Promise.allSettled([this.#pinger.inFlight, this.#hooks.running])
  }

  override publish(event: CircuitEvent): void {
    this.#parts.hub.publish({ ...event, service: this.name })
  }

  override hears(type: CircuitEvent['type']): boolean {
    return this.#parts.hub.hears(type)
  }

  protected override get hasTimer(): boolean {
    return this.#parts.background
  }

  protected override decide(state: MachineState, signal: Signal, rules: Rules, now: number): Step {
    return transition(state, signal, rules, now)
  }

  protected override deadlines(state: MachineState): readonly Deadline[] {
    return hookDeadlines(state)
  }

  protected override run(effect: Effect): void {
    switch (effect.type) {
      case 'run-failover':
        return this.#hooks.runFailover(effect.attempt)
      case 'run-recover':
        return this.#hooks.runRecover(effect.attempt)
      case 'undo-failover':
        return this.#parts.overrides.remove()
      case 'trigger-ping':
        return void this.#pinger.trigger('due')
      default:
    }
  }

  protected override settled(signal: Signal): void {
    for (const watcher of this.#watchers) watcher(signal)
  }

  protected override get nextAt(): number {
    return Math.min(this.#pinger.nextAt(), super.nextAt)
  }

  protected override wake(): void {
    this.#pinger.wake()
    super.wake()
  }
}
