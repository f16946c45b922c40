import type { Clock } from '../clock/clock.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import { LEAST_BACKGROUND_INTERVAL_MS, LONGEST_FIRST_PING_DELAY_MS } from '../defaults.ts'
import { pingIntervalMs } from '../machine/projection.ts'
import type { Signal } from '../machine/signal.ts'
import type { MachineState } from '../machine/state.ts'
import { runPing, type PingRequest, type PingSignal } from '../ping/run-ping.ts'
import type { ServiceConfig } from './service-config.ts'

/** What asks for a ping: the passing of time (or a request), or an error somewhere. */
export type Trigger = 'due' | 'error'

/** Pings whose code outlived its deadline; with so many still running no further one is started. */
const MOST_UNENDED_PINGS = 2
/** So many times in a row may success in traffic stand in for a monitoring ping. */
const MOST_POSTPONEMENTS = 3

export interface PingerParts {
  readonly config: ServiceConfig
  readonly clock: Clock
  readonly state: () => MachineState
  readonly dispatch: (signal: Signal) => void
}

/** Runs the pings of one service: one at a time, never sooner than due, and never decides what they mean. */
export class Pinger {
  readonly #parts: PingerParts
  readonly #cancel = new AbortController()
  readonly #firstAt: number
  #lastStart = -Infinity
  #inFlight: Promise<void> | undefined
  /** A trigger came too early: when it is to be served. */
  #keptAt = Infinity
  #stretch: number
  #unended = 0
  #sawTraffic = false
  #postponements = 0

  constructor(parts: PingerParts) {
    this.#parts = parts
    const { jitter, rules } = parts.config
    this.#stretch = this.#drawStretch()
    const firstDelayMs =
      Math.min(LONGEST_FIRST_PING_DELAY_MS, rules.monitoringMs * jitter) * parts.clock.random()
    this.#firstAt = parts.clock.now() + firstDelayMs
  }

  get inFlight(): Promise<void> | undefined {
    return this.#inFlight
  }

  /** Starts a ping if one is due and joins one that runs; else remembers that one was asked for. */
  trigger(trigger: Trigger): Promise<void> | undefined {
    if (this.#parts.config.ping === undefined || this.#cancel.signal.aborted) return undefined
    if (this.#inFlight !== undefined) return this.#inFlight
    const dueAt = Math.min(this.#dueAt(trigger), this.#keptAt)
    if (this.#parts.clock.now() < dueAt) {
      this.#keptAt = dueAt
      return undefined
    }
    return trigger === 'due' && this.#postpone() ? undefined : this.#start()
  }

  /** When the next background ping is to start; Infinity while one runs or there is none. */
  nextAt(): number {
    if (this.#parts.config.ping === undefined || this.#inFlight !== undefined) return Infinity
    return Math.min(this.#keptAt, this.#backgroundAt())
  }

  /** Called when `nextAt` has come. */
  wake(): void {
    if (this.#parts.clock.now() >= this.nextAt() && !this.#postpone()) void this.#start()
  }

  /** A call succeeded: as good as a monitoring ping while nothing is wrong. No clock is read here. */
  noteTraffic(): void {
    this.#sawTraffic = true
  }

  stop(): void {
    this.#cancel.abort()
  }

  #dueAt(trigger: Trigger): number {
    const state = this.#parts.state()
    const intervalMs = pingIntervalMs(state, this.#parts.config.rules)
    const hurries = trigger === 'error' && state.circuit.name === 'closed'
    return this.#lastStart + (hurries ? Math.min(intervalMs, this.#parts.config.rules.errorMs) : intervalMs)
  }

  #backgroundAt(): number {
    if (this.#lastStart === -Infinity) return this.#firstAt
    const intervalMs = pingIntervalMs(this.#parts.state(), this.#parts.config.rules)
    return this.#lastStart + (intervalMs === 0 ? LEAST_BACKGROUND_INTERVAL_MS : intervalMs * this.#stretch)
  }

  /** Nothing is wrong and calls succeed: the ping may wait for another interval, three times in a row at most. */
  #postpone(): boolean {
    const { circuit } = this.#parts.state()
    const isQuiet = circuit.name === 'closed' && circuit.badRun === 0 && this.#keptAt === Infinity
    const wasPinged = this.#lastStart !== -Infinity
    if (!isQuiet || !wasPinged || !this.#sawTraffic || this.#postponements >= MOST_POSTPONEMENTS) return false
    this.#sawTraffic = false
    this.#postponements += 1
    this.#lastStart = this.#parts.clock.now()
    return true
  }

  #start(): Promise<void> {
    this.#lastStart = this.#parts.clock.now()
    this.#keptAt = Infinity
    this.#sawTraffic = false
    this.#postponements = 0
    this.#stretch = this.#drawStretch()
    let settle = (_running: Promise<void>): void => {}
    const inFlight = new Promise<void>((resolve) => (settle = resolve))
    // There before the user's code runs: what that triggers joins this ping.
    this.#inFlight = inFlight
    settle(runOutsideRequests(() => this.#run()))
    return inFlight
  }

  async #run(): Promise<void> {
    const signal = await (this.#unended < MOST_UNENDED_PINGS ? this.#ping() : TOO_MANY_UNENDED)
    this.#inFlight = undefined
    if (signal !== undefined) this.#parts.dispatch(signal)
  }

  async #ping(): Promise<PingSignal | undefined> {
    this.#unended += 1
    const { signal, ended } = await runPing(this.#request())
    void ended.then(() => (this.#unended -= 1))
    return signal
  }

  #request(): PingRequest {
    const { config, clock, state } = this.#parts
    const isDown = state().circuit.name !== 'closed'
    return {
      ping: config.ping ?? (() => undefined),
      timeoutMs: isDown ? config.outagePingTimeoutMs : config.pingTimeoutMs,
      classify: config.classify,
      clock,
      cancelled: this.#cancel.signal,
    }
  }

  #drawStretch(): number {
    return 1 + this.#parts.config.jitter * this.#parts.clock.random()
  }
}

const TOO_MANY_UNENDED: PingSignal = Object.freeze({
  type: 'ping-failed',
  error: Object.freeze({
    name: 'PingError',
    code: 'ERR_PING_TIMEOUT',
    message: `${MOST_UNENDED_PINGS} earlier pings have not ended yet`,
  }),
})
