import { projectedCircuit } from '../machine/projection.ts'
import type { CircuitName, HoldKind, PingResultName } from '../machine/state.ts'
import type { ServiceShell } from './service-shell.ts'

/** What an adapter may see of a registered service, and say to it. */
export class ServiceHandle {
  readonly name: string
  readonly #shell: ServiceShell
  readonly #now: () => number

  constructor(shell: ServiceShell, now: () => number) {
    this.name = shell.config.name
    this.#shell = shell
    this.#now = now
  }

  get circuit(): CircuitName {
    return projectedCircuit(this.#shell.stateNow, this.#shell.rules, this.#now())
  }

  get hold(): HoldKind | 'none' {
    return this.#shell.stateNow.hold?.kind ?? 'none'
  }

  get lastPing(): PingResultName | 'none' {
    return this.#shell.state.lastPing?.result ?? 'none'
  }

  /** Failed pings are being counted. */
  get isCountingFailures(): boolean {
    const { circuit } = this.#shell.state
    return circuit.name === 'closed' && circuit.badRun > 0
  }

  /** Asks for a ping as after an error. @returns whether anybody listens: a disabled or closed monitor does not */
  reportTrouble(): boolean {
    void this.#shell.trigger('error')
    return this.#shell.isActive
  }

  /** Work met this service while it was not closed: a ping that is due is started. */
  meet(): void {
    void this.#shell.trigger('due')
  }

  /** Work succeeded: it may stand in for the next monitoring ping. */
  noteSuccess(): void {
    this.#shell.noteTraffic()
  }

  /** Calls `listener` after each ping, with its result. @returns a function that stops it */
  onPing(listener: (result: PingResultName) => void): () => void {
    return this.#shell.onSignal((signal) => {
      if (signal.type.startsWith('ping-')) listener(this.lastPing === 'none' ? 'inconclusive' : this.lastPing)
    })
  }

  /** Calls `listener` after each signal, once the state is committed. @returns a function that stops it */
  onChange(listener: () => void): () => void {
    return this.#shell.onSignal(() => listener())
  }
}
