import {
  ContradictoryOptionsError,
  PingError,
  Service,
  type PingContext,
  type ServiceOptions,
  type Verdict,
} from '@failover/core'
import { validate, type TargetRole } from '@failover/core/adapter'
import type { ClientConfig, Pool, PoolConfig } from 'pg'
import { classifyPostgresError } from './classify-error.ts'
import { configOfPool, readConnectionConfig } from './connection-config.ts'
import { askServer } from './ping.ts'

export interface PostgresServiceOptions extends Omit<ServiceOptions, 'host' | 'port' | 'path' | 'ping'> {
  /** Where the server is: a connection string, or what pg takes. Either this or `pool`. */
  config?: string | ClientConfig | undefined
  /** A pool of the application: its configuration is used, none of its connections is. */
  pool?: Pool | undefined
  /** A replica that lags more than this behind its primary counts as down. Default: no limit. */
  maxLagMs?: number
}

interface Answer {
  readonly read_only: boolean
  readonly lag_ms?: number | null
}

const ROLE = `select pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as read_only`

/**
 * A replica's lag is the age of the last transaction that it replayed - but 0 when it has replayed all that it received
 * and still receives: an idle primary makes nobody lag. Asked only where a limit is set: not every PostgreSQL-like
 * server knows these functions.
 */
const ROLE_AND_LAG = `${ROLE},
  case when not pg_is_in_recovery() then 0
       when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then 0
       else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000
  end::float8 as lag_ms`

/** A PostgreSQL server. The ping makes its own connection, logs in and asks for the role and the lag. */
export class PostgresService extends Service {
  readonly #config: PoolConfig
  readonly #maxLagMs: number | undefined
  #role: TargetRole = 'unknown'
  #answers = false

  /** @throws InvalidOptionError, ContradictoryOptionsError */
  constructor({ config, pool, maxLagMs, ...options }: PostgresServiceOptions) {
    super(options)
    this.#config = readTarget(config, pool)
    this.#maxLagMs = maxLagMs === undefined ? undefined : validate.durationMs('maxLagMs', maxLagMs)
  }

  /** Whether the server took writes at the last good ping. */
  get role(): TargetRole {
    return this.#role
  }

  /** Whether the last ping was answered: so it is by a replica that lags too far. */
  get answers(): boolean {
    return this.#answers
  }

  override async ping({ signal }: PingContext): Promise<void> {
    const answer = await this.#ask(signal)
    if (signal.aborted) return
    this.#role = answer.read_only ? 'reader' : 'writer'
    this.#checkLag(answer.lag_ms ?? null)
  }

  override classify(error: unknown): Verdict {
    return classifyPostgresError(error)
  }

  async #ask(signal: AbortSignal): Promise<Answer> {
    const isSilent = (): void => void (this.#answers = false)
    signal.addEventListener('abort', isSilent)
    try {
      const question = this.#maxLagMs === undefined ? ROLE : ROLE_AND_LAG
      const answer = await askServer<Answer>(this.#config, question, signal)
      this.#answers = !signal.aborted
      return answer
    } catch (error) {
      isSilent()
      throw error
    } finally {
      signal.removeEventListener('abort', isSilent)
    }
  }

  /** A replica that has not replayed anything yet has no age: nothing is known of its lag. */
  #checkLag(lagMs: number | null): void {
    if (this.#maxLagMs === undefined || (lagMs !== null && lagMs <= this.#maxLagMs)) return
    const lag = lagMs === null ? 'by an unknown time' : `by ${Math.round(lagMs)} ms`
    throw new PingError('ERR_PING_FAILED', `lags ${lag}, more than ${this.#maxLagMs} ms`)
  }
}

function readTarget(config: PostgresServiceOptions['config'], pool: Pool | undefined): PoolConfig {
  if ((config === undefined) === (pool === undefined))
    throw new ContradictoryOptionsError('PostgresService needs either config or pool')
  if (pool !== undefined) return configOfPool(pool)
  const given = typeof config === 'string' ? { connectionString: config } : validate.record('config', config)
  return readConnectionConfig('config', given)
}
