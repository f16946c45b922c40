import type { Pool } from 'pg'

/** A steady stream of statements, as an application makes them; what failed and how long the slowest took. */
export class Load {
  readonly failures: unknown[] = []
  readonly servedBy = new Map<number, number>()
  done = 0
  slowestMs = 0
  readonly #run: () => Promise<number>
  readonly #timer: NodeJS.Timeout
  readonly #inFlight = new Set<Promise<void>>()

  /** @param run one statement; tells the port of the server that answered */
  constructor(run: () => Promise<number>, everyMs = 5) {
    this.#run = run
    this.#timer = setInterval(() => this.#one(), everyMs)
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#inFlight)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #one(): void {
    const startedAt = performance.now()
    const work = this.#run()
      .then(
        (port) => void this.servedBy.set(port, (this.servedBy.get(port) ?? 0) + 1),
        (error: unknown) => void this.failures.push(error),
      )
      .then(() => {
        this.done += 1
        this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
        this.#inFlight.delete(work)
      })
    this.#inFlight.add(work)
  }
}

const WHO = "select current_setting('port')::int as port"

/** Asks through `pool.query`. */
export function viaQuery(pool: Pool): () => Promise<number> {
  return async () => (await pool.query<{ port: number }>(WHO)).rows[0]!.port
}

/** Asks as query builders do: check out, ask, give back. */
export function viaCheckout(pool: Pool): () => Promise<number> {
  return async () => {
    const client = await pool.connect()
    try {
      return (await client.query<{ port: number }>(WHO)).rows[0]!.port
    } finally {
      client.release()
    }
  }
}
