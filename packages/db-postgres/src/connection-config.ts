import { InvalidOptionError } from '@failover/core'
import pg from 'pg'
import type { Pool, PoolConfig } from 'pg'

/** What pg itself makes of a connection string; read once, so that the string with its password is kept nowhere. */
const PARAMETERS = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'options',
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'query_timeout',
] as const

/** The same configuration without a connection string. @throws InvalidOptionError if pg cannot read it */
export function readConnectionConfig(option: string, config: PoolConfig): PoolConfig {
  const { connectionString } = config
  const parameters = effectiveParameters(option, config)
  const read: Record<string, unknown> = { ...copyWithSecrets(config) }
  delete read['connectionString']
  // Of the environment, only the options are read: more are added to them.
  for (const key of connectionString === undefined ? (['options'] as const) : PARAMETERS)
    if (parameters[key] !== undefined && parameters[key] !== null) read[key] = parameters[key]
  return hideSecrets(read)
}

/** pg's own errors hold the string, so they are not passed on. */
function effectiveParameters(option: string, config: PoolConfig): Record<string, unknown> {
  try {
    return Reflect.get(new pg.Client(config), 'connectionParameters') as Record<string, unknown>
  } catch {
    throw new InvalidOptionError(option, 'a configuration that pg can read', undefined)
  }
}

/** As pg does for its own objects: in no inspection, in no JSON. */
function hideSecrets(config: Record<string, unknown>): PoolConfig {
  for (const key of ['password', 'ssl']) {
    if (key in config)
      Object.defineProperty(config, key, { value: config[key], enumerable: false, writable: true })
  }
  return config
}

/** The configuration of a pool that is there already. */
export function configOfPool(pool: Pool): PoolConfig {
  const { options } = pool
  return readConnectionConfig('pool', copyWithSecrets(options))
}

/** A copy that keeps what is hidden from inspection. */
export function copyWithSecrets(config: PoolConfig, changes: PoolConfig = {}): PoolConfig {
  const { password, ssl } = config
  return {
    ...config,
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
    ...changes,
  }
}

/** Makes every session read-only from its first statement on, without a round trip. */
export function readOnlySession(config: PoolConfig): PoolConfig {
  const options = `${config.options ?? ''} -c default_transaction_read_only=on`.trim()
  return copyWithSecrets(config, { options })
}
