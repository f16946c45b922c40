import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A killed server cannot remove its System V segments, and the system keeps them until it is rebooted. */
export function removeSharedMemory(creators: ReadonlySet<number>): void {
  for (const id of abandonedSegments(creators)) spawnSync('ipcrm', ['-m', id], { stdio: 'ignore' })
}

/** Ids of segments that these processes made and to which nobody is attached. */
export function abandonedSegments(creators: ReadonlySet<number>): string[] {
  const rows = readSegments().map((line) => line.trim().split(/\s+/))
  return rows.flatMap(([, id = '', , , creator, , attached]) =>
    creators.has(Number(creator)) && attached === '0' ? [id] : [],
  )
}

function readSegments(): string[] {
  try {
    return readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1)
  } catch {
    return []
  }
}
