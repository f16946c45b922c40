import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { once } from 'node:events'

import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { Connection } from './connection.ts'
import type { Direction, FaultMode, FaultName, FaultPlan } from './fault-mode.ts'
import type { ByteFate } from './lane.ts'
import { PASS_PLAN, checkMode, planAfter } from './fault-mode.ts'
import { seededRandom } from './seeded-random.ts'

export interface FaultProxyOptions {
  readonly upstream: { readonly host: string; readonly port: number }
  /** Where to listen ("127.0.0.1"). */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /** For the jitter of latencies (1). */
  readonly seed?: number
}

export interface FaultCounters {
  /** Accepted since the start. */
  connections: number
  /** Forwarded to the server. */
  bytesUp: number
  /** Forwarded to the client. */
  bytesDown: number
  /** Taken from the client and forwarded to nobody: black hole, and what follows a half-close. */
  swallowedUp: number
  /** The same, from the server. */
  swallowedDown: number
}

const NOTHING_YET: FaultCounters = {
  connections: 0,
  bytesUp: 0,
  bytesDown: 0,
  swallowedUp: 0,
  swallowedDown: 0,
}

/** A TCP proxy that misbehaves on demand. */
export class FaultProxy implements AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly upstream: { readonly host: string; readonly port: number }
  readonly #server: Server
  readonly #live = new Set<Connection>()
  readonly #random: () => number
  readonly #counters: FaultCounters = { ...NOTHING_YET }
  #plan = PASS_PLAN
  #switching: Promise<void> = Promise.resolve()

  constructor(options: FaultProxyOptions & { readonly port: number }) {
    this.host = options.host ?? '127.0.0.1'
    this.port = options.port
    this.upstream = options.upstream
    this.#random = seededRandom(options.seed ?? 1)
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) =>
      this.#accept(client),
    )
  }

  /** What is done at present to new connections and in either direction. */
  get plan(): FaultPlan {
    return this.#plan
  }

  get counters(): Readonly<FaultCounters> {
    return { ...this.#counters }
  }

  /** Connections that are open at present. */
  get liveConnections(): number {
    return this.#live.size
  }

  /** Switches the mode, for one direction or for all; resolves when it is in force. */
  async set(mode: FaultMode | FaultName, direction?: Direction): Promise<void> {
    const given: FaultMode = typeof mode === 'string' ? { kind: mode } : mode
    const next = planAfter(this.#plan, checkMode(given), direction)
    this.#plan = next
    for (const connection of this.#live) connection.planChanged()
    await this.#enqueue(() => this.#openDoorAs(next))
  }

  /** RST to both sides of all live connections; the mode stays. */
  cutAll(): void {
    for (const connection of this.#live) connection.end('reset')
  }

  async close(): Promise<void> {
    this.cutAll()
    await this.#enqueue(() => this.#stopListening())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return
    this.#server.listen(this.port, this.host)
    await once(this.#server, 'listening')
  }

  /** One change of the door after the other, so that the last one wins. */
  #enqueue(change: () => Promise<void>): Promise<void> {
    const done = this.#switching.then(change)
    this.#switching = done.catch(() => {})
    return done
  }

  async #openDoorAs({ door }: FaultPlan): Promise<void> {
    if (door === 'refuse') return this.#stopListening()
    // The system may need a moment to let go of the port.
    await eventually(() => this.listen(), { timeoutMs: 5_000, what: `port ${this.port} to be free again` })
    if (door === 'open') for (const connection of this.#live) connection.dial()
  }

  async #stopListening(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined
    if (closed) this.#server.close()
    this.cutAll()
    await closed
  }

  #accept(client: Socket): void {
    this.#counters.connections += 1
    const connection = new Connection({
      client,
      upstream: this.upstream,
      plan: () => this.#plan,
      random: seededRandom(this.#random() * 2 ** 32),
      count: (fate, direction, bytes) => this.#count(fate, direction, bytes),
      onClosed: (closed) => this.#live.delete(closed),
    })
    this.#live.add(connection)
    if (this.#plan.door === 'open') connection.dial()
    if (this.#plan.door === 'refuse') connection.end('reset')
  }

  #count(fate: ByteFate, direction: Direction, bytes: number): void {
    const counter = direction === 'up' ? (`${fate}Up` as const) : (`${fate}Down` as const)
    this.#counters[counter] += bytes
  }
}

/** A proxy in front of `upstream`, listening, in mode `pass`. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const port = options.port ?? (await freePort(options.host))
  const proxy = new FaultProxy({ ...options, port })
  await proxy.listen()
  return proxy
}
