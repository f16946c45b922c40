import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'

/**
 * The oldest Node that the packages support, to run what is published on it.
 *
 * @throws Error where the registry has no such binary for this platform
 */
export function node20(): string {
  const name = `node-${process.platform}-${process.arch}`
  const binary = join(packageDirectory(name), 'bin', 'node')
  if (!existsSync(binary)) throw new Error(`${name} has no binary`)
  return binary
}

function packageDirectory(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch (cause) {
    throw new Error(`no Node 20 for this platform (${name}); give one: pnpm smoke --node <path>`, { cause })
  }
}
