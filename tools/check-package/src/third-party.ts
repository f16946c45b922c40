import { join } from 'node:path'
import { run } from './command.ts'
import type { Packed } from './pack.ts'

const HERE = join(import.meta.dirname, '..')
const TOOLS = join(HERE, 'node_modules/.bin')

/** What publint says of a packed package. */
export async function publintProblems({ tarball }: Packed): Promise<string[]> {
  const { ok, output } = await run(join(TOOLS, 'publint'), ['run', tarball, '--strict'], HERE)
  return ok ? [] : [output.trim()]
}

/**
 * What "are the types wrong" says: Node's resolution from ESM and from CommonJS, and a bundler's. The resolution of
 * before Node 12, which knows no `exports`, is left out: no supported Node has it.
 */
export async function typeProblems({ tarball }: Packed): Promise<string[]> {
  const args = [tarball, '--profile', 'node16', '--format', 'ascii', '--no-emoji', '--no-color']
  const { ok, output } = await run(join(TOOLS, 'attw'), args, HERE)
  return ok ? [] : [output.trim()]
}
