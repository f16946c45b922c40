import { processTable } from '../../src/process-table.ts'

/** Those of the ids that live. Zombies are dead: how soon orphans are reaped is up to the system's init. */
export function livingProcesses(pids: readonly number[]): number[] {
  const living = new Set(processTable().map(({ pid }) => pid))
  return pids.filter((pid) => living.has(pid))
}
