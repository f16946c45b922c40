import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { closeSync, openSync } from 'node:fs'

import type { Guard } from './cleanup.ts'
import { tailOf } from './tail.ts'
import type { User } from './unprivileged-user.ts'

export interface CommandOptions {
  readonly guard: Guard
  readonly user: User | undefined
  readonly env?: NodeJS.ProcessEnv
}

const LOG_LINES = 40

/** Runs a command that prepares a server, as the server's user; rejects with its output when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { guard, user, env }: CommandOptions,
): Promise<void> {
  const path = join(guard.directory, 'prepare.log')
  const log = openSync(path, 'a')
  const child = spawn(command, args, {
    cwd: guard.directory,
    detached: true,
    stdio: ['ignore', log, log],
    ...(env && { env }),
    ...(user && { uid: user.uid, gid: user.gid }),
  })
  closeSync(log)
  if (child.pid !== undefined) guard.addProcess(child.pid)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (code === 0) return
  throw new Error(`${command} ended with ${signal ?? code}\n${tailOf(path, LOG_LINES) ?? ''}`)
}
