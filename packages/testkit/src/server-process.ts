import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

import type { Guard } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { findTree, freezeTree, resumeTree, sendSignal, strikeTree } from './process-tree.ts'
import { tailOf } from './tail.ts'
import type { User } from './unprivileged-user.ts'

export interface ServerOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly guard: Guard
  readonly user: User | undefined
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** How an operator ends this kind of server properly. */
  readonly stopSignal: NodeJS.Signals
  /** What a crash leaves behind and would keep the next start from working. */
  readonly beforeStart?: () => Promise<void>
  /** Rejects as long as the server does not serve. */
  readonly probe: () => Promise<unknown>
}

const READY_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 5_000
const LOG_LINES = 60

class ServerEndedError extends Error {}

/** A real server as a child process. Kinds of servers extend this with what their clients need. */
export abstract class ServerProcess {
  abstract readonly kind: string
  readonly name: string
  readonly host: string
  readonly port: number
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #spawnError: Error | undefined
  #isFrozen = false
  #lastLog = ''

  constructor(options: ServerOptions) {
    this.#options = options
    this.name = options.name
    this.host = options.host
    this.port = options.port
  }

  /** Of the main process, the last one after its end; 0 before the first start. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Whether the main process lives; true while frozen. */
  get isRunning(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** The last lines of the server's output. */
  get log(): string {
    return tailOf(this.#logPath, LOG_LINES) ?? this.#lastLog
  }

  /** Ids of all living processes of the server. */
  processes(): number[] {
    return findTree(this.#options.guard)
  }

  async start(): Promise<void> {
    if (this.isRunning) return
    await this.#options.beforeStart?.()
    this.#spawn()
    await this.waitUntilReady()
  }

  /** Until a client is served; rejects at once, with the log, when the server ends instead. */
  async waitUntilReady(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const what = `${this.name} to serve on ${this.host}:${this.port}`
    const isFinal = (error: unknown) => error instanceof ServerEndedError
    await eventually(() => this.#probe(), { timeoutMs, what, isFinal }).catch((error: unknown) => {
      throw new Error(`${messageOf(error)}\n${this.log}`, { cause: error })
    })
  }

  /**
   * SIGKILL (default) takes the whole process tree, like a machine that dies. Any other signal goes to the
   * main process, as an operator would send it. Resolves when the server is gone.
   */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL') strikeTree(this.#options.guard)
    else this.signal(signal)
    await this.#waitForEnd()
    this.#isFrozen = false
  }

  /** Sends a signal to the main process and does not wait. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) sendSignal(this.pid, signal)
  }

  /** Stops the whole tree: connections stay, new ones are accepted by the system, nobody answers. */
  freeze(): void {
    freezeTree(this.#options.guard)
    this.#isFrozen = this.isRunning
  }

  resume(): void {
    resumeTree(this.#options.guard)
    this.#isFrozen = false
  }

  /** Starts again with the same port and data; a server that still runs is shut down first. */
  async restart(): Promise<void> {
    await this.shutDown()
    await this.start()
  }

  /** Ends the server as an operator would and keeps its data; what does not end in time is killed. */
  async shutDown(): Promise<void> {
    if (this.#isFrozen) this.resume()
    if (this.isRunning) await this.kill(this.#options.stopSignal).catch(() => {})
    await this.kill()
  }

  /** Shuts down and removes everything. */
  async stop(): Promise<void> {
    await this.shutDown()
    this.#lastLog = this.log
    this.#options.guard.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  get #logPath(): string {
    return join(this.#options.guard.directory, 'server.log')
  }

  #spawn(): void {
    const { command, args, env, guard, user } = this.#options
    const log = openSync(this.#logPath, 'a')
    this.#child = spawn(command, args, {
      cwd: guard.directory,
      // In a session of its own: Ctrl-C in a terminal ends us, and we end the server.
      detached: true,
      // A file and no pipe: no buffer can fill up, no handle shows up in the test.
      stdio: ['ignore', log, log],
      ...(env && { env }),
      ...(user && { uid: user.uid, gid: user.gid }),
    })
    closeSync(log)
    this.#watch(this.#child)
  }

  #watch(child: ChildProcess): void {
    this.#spawnError = undefined
    child.on('error', (error) => (this.#spawnError = error))
    child.unref()
    if (child.pid !== undefined) this.#options.guard.addProcess(child.pid)
  }

  async #probe(): Promise<void> {
    if (this.#spawnError !== undefined) throw new ServerEndedError(this.#spawnError.message)
    if (!this.isRunning) throw new ServerEndedError(`${this.name} ended while it started`)
    await this.#options.probe()
  }

  async #waitForEnd(): Promise<void> {
    const hasEnded = () => !this.isRunning && this.processes().length === 0
    await eventually(hasEnded, { timeoutMs: STOP_TIMEOUT_MS, what: `${this.name} to end` })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
