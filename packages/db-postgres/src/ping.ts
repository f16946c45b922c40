import { MisconfiguredError } from '@failover/core'
import pg from 'pg'
import type { Client, ClientConfig } from 'pg'
import { isMisconfiguration } from './classify-error.ts'

/**
 * A dedicated connection: one of the application's pool would have to be waited for while the pool is busy, and would
 * not show that new connections still work.
 *
 * @throws MisconfiguredError if the login or the database is refused
 */
export async function askServer<Row>(
  config: ClientConfig,
  question: string,
  signal: AbortSignal,
): Promise<Row> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  const onAbort = (): void => destroy(client)
  signal.addEventListener('abort', onAbort)
  try {
    return await ask<Row>(client, question)
  } catch (error) {
    destroy(client)
    throw isMisconfiguration(error) ? new MisconfiguredError(messageOf(error), { cause: error }) : error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Ends politely, so that the server logs no lost connection. */
async function ask<Row>(client: Client, question: string): Promise<Row> {
  const connecting = client.connect()
  unref(client)
  await connecting
  const { rows } = await client.query(question)
  await client.end()
  return rows[0] as Row
}

/** `client.end()` would wait for a server that is frozen. */
export function destroy(client: Client, reason?: Error): void {
  const stream: unknown = Reflect.get(Reflect.get(client, 'connection') ?? {}, 'stream')
  if (hasDestroy(stream)) stream.destroy(reason)
  else client.end().catch(() => {})
}

function hasDestroy(stream: unknown): stream is { destroy(reason?: Error): void } {
  return typeof stream === 'object' && stream !== null && 'destroy' in stream
}

function unref(client: Client): void {
  const unrefClient: unknown = Reflect.get(client, 'unref')
  if (typeof unrefClient === 'function') unrefClient.call(client)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
