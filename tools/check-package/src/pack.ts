import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, run } from './command.ts'
import { readManifest, type Manifest, type PublicPackage } from './public-packages.ts'

/** A package as the registry would get it. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  /** Where its files were unpacked. */
  readonly directory: string
  readonly manifest: Manifest
}

export async function pack({ name, directory }: PublicPackage, into: string): Promise<Packed> {
  const folder = join(into, name.replace(/\W+/g, '-'))
  mkdirSync(folder, { recursive: true })
  await pnpm(['pack', '--pack-destination', folder], directory)
  const tarball = join(folder, only(readdirSync(folder)))
  await mustRun('tar', ['-xzf', tarball], folder)
  const unpacked = join(folder, 'package')
  return { name, tarball, directory: unpacked, manifest: readManifest(join(unpacked, 'package.json')) }
}

/** It is on the PATH of scripts that it runs; a newcomer who runs a file directly may have npx alone. */
async function pnpm(args: string[], cwd: string): Promise<void> {
  const found = await run('pnpm', ['--version'], cwd).catch(() => ({ ok: false }))
  if (found.ok) await mustRun('pnpm', args, cwd)
  else await mustRun('npx', ['--yes', 'pnpm', ...args], cwd)
}

function only(names: string[]): string {
  const [name, ...others] = names
  if (name === undefined || others.length > 0)
    throw new Error(`expected one tarball, got ${names.join(', ')}`)
  return name
}
