import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly ok: boolean
  readonly output: string
}

/** Runs a program to its end and keeps all that it says. It never asks: there is no stdin. */
export function run(command: string, args: readonly string[], cwd: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }))
  })
}

/** As `run`, for what must succeed. @throws Error with all that it said */
export async function mustRun(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { ok, output } = await run(command, args, cwd)
  if (!ok) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`)
  return output
}

/** What a package manager tells its scripts is not for the package managers that they start. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !TOLD_TO_SCRIPTS.test(name) || IS_NETWORK.test(name),
  )
  return Object.fromEntries(kept)
}

const TOLD_TO_SCRIPTS = /^(npm_|pnpm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/i
const IS_NETWORK = /^npm_config_(registry|.*proxy|cafile|ca|cache|userconfig|strict_ssl)$/i
