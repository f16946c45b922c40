import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { AppMessage, AppName } from './app-message.ts'
import type { Servers } from './pools.ts'

const PROGRAM = join(import.meta.dirname, 'app-process.ts')
const KEPT_OUTPUT = 2_000

/** An application in a process of its own. */
export interface ChildApp extends AsyncDisposable {
  /** Where to read, once it listens. Rejects when it ends before. */
  readonly url: Promise<string>
  /** Rejects when the application ends before it is told to; never resolves. */
  readonly crashed: Promise<never>
}

export function startApp(
  name: AppName,
  { replica, primary }: Servers,
  onMessage: (message: AppMessage) => void,
): ChildApp {
  const child = fork(PROGRAM, [name], {
    env: { ...process.env, REPLICA_URL: replica, PRIMARY_URL: primary },
    // Whatever it says would tear the view apart; it is shown if it crashes.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const crashed = untilCrash(child, name)
  crashed.catch(() => {}) // whoever waits for it is told; nobody may be waiting
  const listening = untilListening(child, onMessage).then((port) => `http://127.0.0.1:${port}/products`)
  return { url: Promise.race([listening, crashed]), crashed, [Symbol.asyncDispose]: () => end(child) }
}

function untilListening(child: ChildProcess, onMessage: (message: AppMessage) => void): Promise<number> {
  return new Promise((resolve) => {
    child.on('message', (message: AppMessage) => {
      if (message.type === 'listening') resolve(message.port)
      else onMessage(message)
    })
  })
}

function untilCrash(child: ChildProcess, name: AppName): Promise<never> {
  let output = ''
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (output = (output + text).slice(-KEPT_OUTPUT)))
  return new Promise((_resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      reject(new Error(`the ${name} application ended with ${signal ?? code}\n${output}`.trimEnd())),
    )
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  if (child.pid === undefined) return
  const ended = once(child, 'exit')
  // It has nothing to save, and a pool whose server hangs would take its time to end.
  child.kill('SIGKILL')
  await ended
}
