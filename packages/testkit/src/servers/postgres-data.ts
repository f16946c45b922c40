import { appendFile, chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { runCommand } from '../run-command.ts'
import type { CommandOptions } from '../run-command.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

export type PostgresSettings = Readonly<Record<string, string | number | boolean>>

export interface ClusterOptions extends CommandOptions {
  readonly binaries: PostgresBinaries
  readonly dataDir: string
  readonly superuser: string
  readonly password: string
}

/** For tests: nothing need survive a power cut, but all that was committed survives kill -9. */
export const FAST_SETTINGS: PostgresSettings = {
  fsync: false,
  full_page_writes: false,
  shared_buffers: '16MB',
  io_method: 'sync',
  // A killed server would leave its segments in /dev/shm; these lie in the data directory.
  dynamic_shared_memory_type: 'mmap',
  unix_socket_directories: '',
  log_line_prefix: '%m [%p] %u@%d ',
}

/** The environment of initdb and postgres: nothing of ours (PGPORT, LC_ALL) may change what they do. */
export const postgresEnv = (directory: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: directory,
  LC_ALL: 'C',
  TZ: 'UTC',
})

export async function initCluster(options: ClusterOptions): Promise<void> {
  const passwordFile = `${options.dataDir}.password`
  await writeFile(passwordFile, options.password, { mode: 0o600 })
  if (options.user) await chown(passwordFile, options.user.uid, options.user.gid)
  await runCommand(options.binaries.initdb, initdbArguments(options, passwordFile), options)
  await rm(passwordFile)
}

const initdbArguments = ({ dataDir, superuser }: ClusterOptions, passwordFile: string): string[] => [
  `--pgdata=${dataDir}`,
  `--username=${superuser}`,
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--no-locale',
  '--encoding=UTF8',
  '--no-sync',
]

/** Later settings win over earlier ones. */
export async function appendSettings(dataDir: string, settings: PostgresSettings): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = '${quote(String(value))}'\n`)
  await appendFile(join(dataDir, 'postgresql.conf'), lines.join(''))
}

export const quote = (value: string): string => value.replaceAll("'", "''")
