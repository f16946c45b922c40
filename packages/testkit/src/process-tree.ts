import type { ProcessIdentity, ProcessRow } from './process-table.ts'
import { processTable, workingDirectory } from './process-table.ts'
import { removeSharedMemory } from './shared-memory.ts'

/** The processes that we started, and the directory in which all of their descendants live. */
export interface TreeRoots {
  readonly directory: string
  readonly processes: readonly ProcessIdentity[]
}

const MAX_ROUNDS = 100
const PAUSE_MS = 10

/**
 * All living processes of the tree. Children of servers call setsid, so process groups do not find them;
 * orphans have lost their parent, so they are known by their working directory (but somebody's shell, which
 * has a terminal, is left alone).
 */
export function findTree(roots: TreeRoots): number[] {
  const table = processTable()
  const found = new Set(table.filter((row) => isRoot(row, roots)).map((row) => row.pid))
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const row of table) if (found.has(row.parent)) found.add(row.pid)
  }
  found.delete(process.pid)
  return [...found]
}

function isRoot(row: ProcessRow, { processes, directory }: TreeRoots): boolean {
  if (processes.some(({ pid, startedAt }) => pid === row.pid && startedAt === row.startedAt)) return true
  return !row.hasTerminal && isInside(workingDirectory(row.pid), directory)
}

const isInside = (path: string | undefined, directory: string): boolean =>
  path !== undefined && `${path.replace(/ \(deleted\)$/, '')}/`.startsWith(`${directory}/`)

/** Stops the whole tree. Repeats until nobody new appears: a parent may have forked while we looked. */
export function freezeTree(roots: TreeRoots): number[] {
  const stopped = new Set<number>()
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fresh = findTree(roots).filter((pid) => !stopped.has(pid))
    if (fresh.length === 0) break
    for (const pid of fresh) {
      sendSignal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  return [...stopped]
}

export function resumeTree(roots: TreeRoots): void {
  for (const pid of findTree(roots)) sendSignal(pid, 'SIGCONT')
}

/** Sends SIGKILL to the whole tree and does not wait; returns who was struck. */
export function strikeTree(roots: TreeRoots): number[] {
  const pids = freezeTree(roots)
  for (const pid of pids) sendSignal(pid, 'SIGKILL')
  return pids
}

/** Kills the whole tree and returns when it is dead; blocks, because it also runs while we exit. */
export function killTree(roots: TreeRoots): void {
  const killed = new Set(roots.processes.map(({ pid }) => pid))
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const pids = strikeTree(roots)
    if (pids.length === 0) break
    for (const pid of pids) killed.add(pid)
    pause(PAUSE_MS)
  }
  removeSharedMemory(killed)
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
