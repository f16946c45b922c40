import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'

import type { TreeRoots } from './process-tree.ts'

export interface WatchdogMessage extends TreeRoots {
  readonly released?: boolean
}

export interface Watchdog {
  tell(message: WatchdogMessage): void
}

/**
 * A process of its own, in a session of its own, at the other end of a pipe: when the pipe closes - we were
 * killed and could run no handler - it does the cleaning.
 */
export function startWatchdog(): Watchdog {
  if (!canRunTypeScript()) return { tell: () => {} }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watchdog.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    // No NODE_OPTIONS: loaders and inspectors of a test runner have no business there.
    env: { PATH: process.env['PATH'] },
  })
  child.on('error', () => {}) // without it we still clean up in every end but SIGKILL
  child.stdin.on('error', () => {})
  child.unref()
  // Typed as any stream; a pipe to a child is a socket.
  ;(child.stdin as Socket).unref()
  return { tell: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`) }
}

/** From Node 22.18 on; before, everything but the SIGKILL of this process is still cleaned up after. */
function canRunTypeScript(): boolean {
  // The types are those of the oldest Node that we support, which lacks the field.
  return typeof Reflect.get(process.features, 'typescript') === 'string'
}
