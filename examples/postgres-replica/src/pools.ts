import type { ServiceMonitor } from '@failover/core'
import { createFailoverPool } from '@failover/db-postgres'
import pg from 'pg'
import { HOLD_DOWN_MS, PLAIN_TIMEOUTS } from './settings.ts'

/** Connection strings. */
export interface Servers {
  readonly replica: string
  readonly primary: string
}

/** As the documentation of pg recommends it, with timeouts. */
export function createPlainPool({ replica }: Servers): pg.Pool {
  const pool = new pg.Pool({ connectionString: replica, ...PLAIN_TIMEOUTS })
  // An idle connection that dies is an event; unheard, it would end the process.
  pool.on('error', () => {})
  return pool
}

export function createPoolWithFailover({ replica, primary }: Servers, monitor: ServiceMonitor): pg.Pool {
  return createFailoverPool({
    name: 'products',
    monitor,
    holdDownMs: HOLD_DOWN_MS,
    targets: [
      { name: 'replica', config: replica },
      { name: 'primary', config: primary },
    ],
  })
}
