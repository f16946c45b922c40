import { randomUUID } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProcessIdentity } from './process-table.ts'
import { identify } from './process-table.ts'
import type { TreeRoots } from './process-tree.ts'
import { killTree } from './process-tree.ts'
import type { User } from './unprivileged-user.ts'
import type { Watchdog } from './watchdog-client.ts'
import { startWatchdog } from './watchdog-client.ts'

/** A temporary directory and the processes in it: neither outlives this process, however it ends. */
export interface Guard extends TreeRoots {
  addProcess(pid: number): void
  /** Kills what is left and removes the directory. */
  release(): void
}

interface Registry {
  readonly guards: Set<Guard>
  readonly watchdog: Watchdog
}

const EXIT_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const REGISTRY = Symbol.for('@failover/testkit.guards')

export async function makeGuardedDirectory(name: string, owner: User | undefined): Promise<Guard> {
  const directory = join(realpathSync(tmpdir()), `failover-${name}-${randomUUID().slice(0, 8)}`)
  // Guarded before it exists: there is no moment at which it could be forgotten.
  const guard = createGuard(directory)
  await mkdir(directory, { mode: 0o700 })
  if (owner !== undefined) await chown(directory, owner.uid, owner.gid)
  return guard
}

function createGuard(directory: string): Guard {
  const { guards, watchdog } = registry()
  const processes: ProcessIdentity[] = []
  const guard: Guard = {
    directory,
    processes,
    addProcess(pid) {
      processes.push(identify(pid))
      watchdog.tell({ directory, processes })
    },
    release() {
      removeAll(guard)
      guards.delete(guard)
      watchdog.tell({ directory, processes, released: true })
    },
  }
  guards.add(guard)
  watchdog.tell({ directory, processes })
  return guard
}

function removeAll(roots: TreeRoots): void {
  killTree(roots)
  rmSync(roots.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 })
}

/** For ends of the process: the trouble of one directory must not save the next. */
export function attemptToRemove(roots: TreeRoots): void {
  try {
    removeAll(roots)
  } catch (error) {
    console.error(`testkit could not remove ${roots.directory}`, error)
  }
}

/** One per process, also where a test runner loads this module once per test file. */
function registry(): Registry {
  const holder = globalThis as { [REGISTRY]?: Registry }
  holder[REGISTRY] ??= createRegistry()
  return holder[REGISTRY]
}

function createRegistry(): Registry {
  const guards = new Set<Guard>()
  const releaseAll = () => {
    for (const guard of guards) attemptToRemove(guard)
    guards.clear()
  }
  process.on('exit', releaseAll)
  for (const signal of EXIT_SIGNALS) endOn(signal, releaseAll)
  return { guards, watchdog: startWatchdog() }
}

/** A listener of a signal takes its default effect away, so we give it back unless others listen too. */
function endOn(signal: NodeJS.Signals, releaseAll: () => void): void {
  process.once(signal, () => {
    releaseAll()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  })
}
