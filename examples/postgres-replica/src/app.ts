import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Pool } from 'pg'

const PRODUCTS = `
  select id, name, price_cents, case when pg_is_in_recovery() then 'replica' else 'primary' end as served_by
  from products order by id`

/** The application. It knows a pg.Pool and cannot tell which of the two it was given. */
export function createApp(pool: Pool): Server {
  const server = createServer((_request, response) => void answer(pool, response))
  // Longer than any pause of the client, so that no request meets a connection that is just being closed.
  server.keepAliveTimeout = 65_000
  return server
}

async function answer(pool: Pool, response: ServerResponse): Promise<void> {
  try {
    const { rows } = await pool.query<{ served_by: string }>(PRODUCTS)
    sendJson(response, 200, { servedBy: rows[0]?.served_by, products: rows })
  } catch (error) {
    sendJson(response, 503, { error: error instanceof Error ? error.message : String(error) })
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
