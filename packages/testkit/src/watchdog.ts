// Run as a process of its own by watchdog-client.ts.
import { createInterface } from 'node:readline'

import { attemptToRemove } from './cleanup.ts'
import type { TreeRoots } from './process-tree.ts'
import type { WatchdogMessage } from './watchdog-client.ts'

const guarded = new Map<string, TreeRoots>()

// Whoever ends the tests by a signal to everybody must not end the cleaner first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as WatchdogMessage
  if (message.released === true) guarded.delete(message.directory)
  else guarded.set(message.directory, message)
}

for (const roots of guarded.values()) attemptToRemove(roots)
process.exit()
