/* Where and with what the figures were measured. */
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform, release } from 'node:os'
import type { Library } from '../subjects/subject.ts'

export interface Environment {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly system: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
}

const TOOLS = ['mitata', 'esbuild']
const INSTALLED = new URL('../../node_modules/', import.meta.url)

export function environmentNow(libraries: readonly Library[]): Environment {
  const names = [...libraries.filter(({ imports }) => imports.length > 0).map(({ name }) => name), ...TOOLS]
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    versions: Object.fromEntries(names.map((name) => [name, versionOf(name)])),
  }
}

/** Read as a file: a package need not export its manifest. */
function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`${name}/package.json`, INSTALLED), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
