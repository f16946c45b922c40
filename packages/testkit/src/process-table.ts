import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** A process that cannot be confused with a later one of the same id. */
export interface ProcessIdentity {
  readonly pid: number
  /** In the system's own unit; only compared. */
  readonly startedAt: string
}

export interface ProcessRow extends ProcessIdentity {
  readonly parent: number
  readonly hasTerminal: boolean
}

/** All living processes; zombies are dead. */
export function processTable(): ProcessRow[] {
  return process.platform === 'linux' ? linuxTable() : portableTable()
}

export function identify(pid: number): ProcessIdentity {
  const row = processTable().find((candidate) => candidate.pid === pid)
  return { pid, startedAt: row?.startedAt ?? 'gone' }
}

/** Undefined where the system does not tell or does not let us know. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

function linuxTable(): ProcessRow[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids.flatMap((pid) => linuxRow(pid))
}

function linuxRow(pid: string): ProcessRow[] {
  try {
    return parseStat(Number(pid), readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return [] // ended while we read
  }
}

/** One line of /proc/<pid>/stat; the command in parentheses may itself contain spaces and parentheses. */
export function parseStat(pid: number, stat: string): ProcessRow[] {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = 'X', parent, , , terminal] = fields
  if (state === 'Z' || state === 'X') return []
  return [{ pid, parent: Number(parent), hasTerminal: terminal !== '0', startedAt: fields[19] ?? '' }]
}

function portableTable(): ProcessRow[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state=,lstart='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = 'Z', startedAt = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), hasTerminal: true, startedAt }]
  })
}
