import type { Socket } from 'node:net'
import { connect } from 'node:net'

import type { Direction, FaultPlan } from './fault-mode.ts'
import type { ByteFate } from './lane.ts'
import { Lane } from './lane.ts'

export interface ConnectionOptions {
  readonly client: Socket
  readonly upstream: { readonly host: string; readonly port: number }
  readonly plan: () => FaultPlan
  readonly random: () => number
  readonly count: (fate: ByteFate, direction: Direction, bytes: number) => void
  readonly onClosed: (connection: Connection) => void
}

/** A client, the server that it reaches through us, and the two lanes between them. */
export class Connection {
  readonly #options: ConnectionOptions
  #server: Socket | undefined
  #lanes: Lane[] = []

  constructor(options: ConnectionOptions) {
    this.#options = options
    // Reset by its client while nothing is forwarded: nobody else would listen.
    options.client.on('error', () => {})
    options.client.on('close', () => this.#closeWhenBothAre())
  }

  /** Connects to the server; a client that was kept in silence is served from here on. */
  dial(): void {
    if (this.#server !== undefined) return
    const { host, port } = this.#options.upstream
    this.#server = connect({ host, port, allowHalfOpen: true, noDelay: true })
    this.#server.on('close', () => this.#closeWhenBothAre())
    this.#lanes = [
      this.#lane('up', this.#options.client, this.#server),
      this.#lane('down', this.#server, this.#options.client),
    ]
    for (const lane of this.#lanes) lane.start()
  }

  planChanged(): void {
    for (const lane of this.#lanes) lane.planChanged()
  }

  /** Ends both sides: by RST, or by closing. */
  end(how: 'reset' | 'drop'): void {
    for (const lane of this.#lanes) lane.close()
    for (const socket of [this.#options.client, this.#server]) {
      if (how === 'reset') socket?.resetAndDestroy()
      else socket?.destroy()
    }
  }

  #lane(direction: Direction, from: Socket, to: Socket): Lane {
    return new Lane({
      from,
      to,
      mode: () => this.#options.plan()[direction],
      random: this.#options.random,
      count: (fate, bytes) => this.#options.count(fate, direction, bytes),
      onEnd: (how) => this.end(how),
    })
  }

  #closeWhenBothAre(): void {
    if (!this.#options.client.destroyed || this.#server?.destroyed === false) return
    for (const lane of this.#lanes) lane.close()
    this.#options.onClosed(this)
  }
}
