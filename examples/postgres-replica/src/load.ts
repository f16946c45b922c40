import { Agent, request } from 'undici'
import type { AppName } from './app-message.ts'
import type { Read } from './meter.ts'
import { READ_DEADLINE_MS } from './settings.ts'

export interface LoadOptions {
  readonly app: AppName
  readonly url: string
  readonly perSecond: number
  readonly onSent: () => void
  readonly onRead: (read: Read) => void
}

/** Disposing it gives up what is in flight, and tells nothing of it. */
export interface Load extends AsyncDisposable {
  /** Sends nothing more, and resolves when all that was sent is answered, has failed or has met its deadline. */
  stop(): Promise<void>
}

const TICK_MS = 4

/**
 * Sends reads at a steady rate whatever becomes of the earlier ones, as users do. A generator that waits for answers
 * slows down with a server that hangs, and so hides the reads that nobody could make.
 *
 * What is in flight is bounded by rate x deadline.
 */
export function startLoad(options: LoadOptions): Load {
  const agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 })
  const inFlight = new Set<Promise<void>>()
  const startedAt = performance.now()
  let sent = 0
  let isOver = false
  const send = (): void => {
    sent += 1
    options.onSent()
    const read = readOnce(agent, options).then((done) => {
      inFlight.delete(read)
      if (!isOver) options.onRead(done)
    })
    inFlight.add(read)
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) * options.perSecond) / 1_000
    while (sent < due) send()
  }, TICK_MS)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(inFlight)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      isOver = true
      await agent.destroy()
    },
  }
}

async function readOnce(agent: Agent, { app, url }: LoadOptions): Promise<Read> {
  const startedAt = Date.now()
  const start = performance.now()
  const outcome = await ask(agent, url)
  const latencyMs = performance.now() - start
  return { app, startedAt, endedAt: startedAt + latencyMs, latencyMs, ...outcome }
}

async function ask(agent: Agent, url: string): Promise<{ servedBy: string } | { error: string }> {
  try {
    const signal = AbortSignal.timeout(READ_DEADLINE_MS)
    const { statusCode, body } = await request(url, { dispatcher: agent, signal })
    const answer = (await body.json()) as { servedBy?: string; error?: string }
    if (statusCode === 200 && answer.servedBy !== undefined) return { servedBy: answer.servedBy }
    return { error: answer.error ?? `status ${statusCode}` }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
