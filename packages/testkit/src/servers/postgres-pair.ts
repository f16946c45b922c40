import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { runCommand } from '../run-command.ts'
import type { PostgresSettings } from './postgres-data.ts'
import { appendSettings, postgresEnv } from './postgres-data.ts'
import type { PostgresGround, PostgresServer } from './postgres.ts'
import { PASSWORD, SUPERUSER, prepareGround, startPostgres, startServer } from './postgres.ts'

export interface PostgresPairOptions {
  /** Names of the two servers: "<name>-primary", "<name>-replica" ("postgres"). */
  readonly name?: string
  /** Added to postgresql.conf of both. */
  readonly settings?: PostgresSettings
}

/** Two servers joined by streaming replication. */
export interface PostgresPair extends AsyncDisposable {
  /** The server that was the primary at the start. */
  readonly primary: PostgresServer
  /** The server that was the replica at the start; refuses writes with 25006. */
  readonly replica: PostgresServer
  /** Makes the replica a primary; resolves when it accepts writes. The old primary is not touched. */
  promote(): Promise<void>
  /** Until the replica shows all that the primary has committed by now. */
  waitForReplay(): Promise<void>
  stop(): Promise<void>
}

const REPLICATION_SETTINGS: PostgresSettings = {
  wal_level: 'replica',
  hot_standby: true,
  // A replica that was away finds all that it missed.
  wal_keep_size: '256MB',
  // How soon a replica tries again to reach a primary that was away.
  wal_retrieve_retry_interval: '100ms',
}

export async function startPostgresPair(options: PostgresPairOptions = {}): Promise<PostgresPair> {
  const { name = 'postgres', settings = {} } = options
  const ground = await prepareGround(`${name}-replica`)
  try {
    const primary = await startPostgres({
      name: `${name}-primary`,
      settings: { ...REPLICATION_SETTINGS, ...settings },
      // Before the first start: a copy of a running server would need a backup.
      beforeFirstStart: (dataDir) => copyCluster(dataDir, ground),
    })
    return pairOf(primary, await startReplica(ground, primary))
  } catch (error) {
    ground.guard.release()
    throw error
  }
}

async function copyCluster(
  from: string,
  { dataDir, guard, systemUser: user }: PostgresGround,
): Promise<void> {
  await runCommand('cp', ['-a', from, dataDir], { guard, user, env: postgresEnv(guard.directory) })
}

async function startReplica(ground: PostgresGround, primary: PostgresServer): Promise<PostgresServer> {
  try {
    const port = await freePort()
    await appendSettings(ground.dataDir, { port, primary_conninfo: conninfo(primary, ground.name) })
    await writeSignal(ground)
    const replica = await startServer(ground, port)
    await waitForStreaming(primary)
    return replica
  } catch (error) {
    await primary.stop()
    throw error
  }
}

async function waitForStreaming(primary: PostgresServer): Promise<void> {
  const question = "select 1 from pg_stat_replication where state = 'streaming'"
  const isStreaming = async () => (await primary.query(question)).length > 0
  await eventually(isStreaming, { timeoutMs: 30_000, what: `a replica of ${primary.name} to stream` })
}

const conninfo = ({ host, port }: PostgresServer, name: string): string =>
  `host=${host} port=${port} user=${SUPERUSER} password=${PASSWORD} application_name=${name}`

async function writeSignal({ dataDir, systemUser }: PostgresGround): Promise<void> {
  const path = join(dataDir, 'standby.signal')
  await writeFile(path, '')
  // The server removes it when it is promoted.
  if (systemUser) await chown(path, systemUser.uid, systemUser.gid)
}

function pairOf(primary: PostgresServer, replica: PostgresServer): PostgresPair {
  const stop = async () => {
    // The replica first: a primary that shuts down waits for its replicas.
    await replica.stop()
    await primary.stop()
  }
  return {
    primary,
    replica,
    promote: () => promote(replica),
    waitForReplay: () => waitForReplay(primary, replica),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function promote(replica: PostgresServer): Promise<void> {
  await replica.query('select pg_promote(true)')
  await eventually(() => isWriter(replica), { what: `${replica.name} to be promoted` })
}

async function isWriter(server: PostgresServer): Promise<boolean> {
  const [row] = await server.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
  return row?.standby === false
}

async function waitForReplay(primary: PostgresServer, replica: PostgresServer): Promise<void> {
  const [row] = await primary.query<{ lsn: string }>('select pg_current_wal_flush_lsn() as lsn')
  await eventually(() => hasReplayed(replica, row?.lsn), { what: `${replica.name} to replay ${row?.lsn}` })
}

async function hasReplayed(replica: PostgresServer, lsn: string | undefined): Promise<boolean> {
  const question = 'select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) as done'
  const [row] = await replica.query<{ done: boolean }>(question, [lsn])
  return row?.done === true
}
