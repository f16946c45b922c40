import { serviceContract } from '@failover/core/testing'
import { startPostgres } from '@failover/testkit'
import pg from 'pg'
import { describe, test } from 'vitest'
import { PostgresService } from '../src/index.ts'

function serverError(code: string): Error {
  const error = new pg.DatabaseError('refused', 0, 'error')
  return Object.assign(error, { code, severity: 'ERROR' })
}

serviceContract(
  { describe, test },
  {
    name: 'PostgresService',
    async start() {
      const server = await startPostgres()
      return {
        makeService: () => new PostgresService({ name: 'postgres', config: server.config() }),
        kill: () => server.kill(),
        hang: async () => server.freeze(),
        restore: async () => {
          if (server.isFrozen) server.resume()
          else await server.restart()
        },
        dispose: () => server.stop(),
      }
    },
    // Syntax, no such table, unique violation, division by zero, deadlock, cancelled by the user.
    applicationErrors: () => ['42601', '42P01', '23505', '22012', '40P01', '57014'].map(serverError),
  },
)
