import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { ClientConfig, QueryResultRow } from 'pg'
import pg from 'pg'

import type { Guard } from '../cleanup.ts'
import { makeGuardedDirectory } from '../cleanup.ts'
import { freePort } from '../free-port.ts'
import { ServerProcess } from '../server-process.ts'
import type { User } from '../unprivileged-user.ts'
import { unprivilegedUser } from '../unprivileged-user.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import type { PostgresSettings } from './postgres-data.ts'
import { FAST_SETTINGS, appendSettings, initCluster, postgresEnv } from './postgres-data.ts'

export interface PostgresOptions {
  /** For messages and the temporary directory ("postgres"). */
  readonly name?: string
  /** Default: a free one. */
  readonly port?: number
  /** Added to postgresql.conf; stronger than our own. */
  readonly settings?: PostgresSettings
  /** Called with the data directory when it is complete and was never started. */
  readonly beforeFirstStart?: (dataDir: string) => Promise<void>
}

/** What a connection needs; complete, so that no PG* variable of the environment has a say. */
export interface PostgresConfig extends ClientConfig {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export const SUPERUSER = 'failover'
export const PASSWORD = 'correct-horse'
const HOST = '127.0.0.1'
const DATABASE = 'postgres'
const PROBE_TIMEOUT_MS = 2_000

/** The ground on which a server can be started: directory, user, binaries. */
export interface PostgresGround {
  readonly name: string
  readonly guard: Guard
  readonly systemUser: User | undefined
  readonly binaries: PostgresBinaries
  readonly dataDir: string
}

export class PostgresServer extends ServerProcess {
  readonly kind = 'postgres'
  readonly user = SUPERUSER
  readonly password = PASSWORD
  readonly database = DATABASE
  readonly dataDir: string

  constructor(ground: PostgresGround, port: number) {
    super({
      name: ground.name,
      host: HOST,
      port,
      guard: ground.guard,
      user: ground.systemUser,
      command: ground.binaries.postgres,
      args: ['-D', ground.dataDir],
      env: postgresEnv(ground.guard.directory),
      // Fast shutdown: sessions are ended with 57P01.
      stopSignal: 'SIGINT',
      // Names the id of a killed server, which the system may have given to somebody else by now.
      beforeStart: () => rm(join(ground.dataDir, 'postmaster.pid'), { force: true }),
      probe: () => this.#proveItIsWe(),
    })
    this.dataDir = ground.dataDir
  }

  /** On a port that was taken, somebody else answers before our server has noticed. */
  async #proveItIsWe(): Promise<void> {
    const [row] = await this.query<{ dir: string }>("select current_setting('data_directory') as dir")
    if (row?.dir !== this.dataDir) throw new Error(`${row?.dir} answers on port ${this.port}`)
  }

  /** For `new pg.Client(...)` and `new pg.Pool(...)`. */
  config(): PostgresConfig {
    const { host, port, user, password, database } = this
    return { host, port, user, password, database }
  }

  /** One statement over a connection of its own, as superuser. */
  async query<R extends QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ ...this.config(), connectionTimeoutMillis: PROBE_TIMEOUT_MS })
    client.on('error', () => {}) // the rejection of query tells it already
    try {
      await client.connect()
      const { rows } = await client.query<R>(text, values)
      await client.end()
      return rows
    } catch (error) {
      client.end().catch(() => {}) // not awaited: a frozen server never says goodbye
      throw error
    }
  }
}

/** A real PostgreSQL server, ready for connections, with an empty database. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { name = 'postgres', settings = {} } = options
  const ground = await prepareGround(name)
  try {
    const port = options.port ?? (await freePort(HOST))
    await createCluster(ground)
    await appendSettings(ground.dataDir, { ...FAST_SETTINGS, listen_addresses: HOST, port, ...settings })
    await options.beforeFirstStart?.(ground.dataDir)
    return await startServer(ground, port)
  } catch (error) {
    ground.guard.release()
    throw error
  }
}

export async function startServer(ground: PostgresGround, port: number): Promise<PostgresServer> {
  const server = new PostgresServer(ground, port)
  await server.start()
  return server
}

export async function prepareGround(name: string): Promise<PostgresGround> {
  const systemUser = unprivilegedUser()
  const guard = await makeGuardedDirectory(name, systemUser)
  const binaries = postgresBinaries(guard, systemUser)
  return { name, guard, systemUser, binaries, dataDir: join(guard.directory, 'data') }
}

async function createCluster(ground: PostgresGround): Promise<void> {
  const { binaries, dataDir, guard, systemUser: user } = ground
  const env = postgresEnv(guard.directory)
  await initCluster({ binaries, dataDir, guard, user, env, superuser: SUPERUSER, password: PASSWORD })
}
