import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Packed } from './pack.ts'
import { REPOSITORY, type Manifest } from './public-packages.ts'

const ALLOWED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|UPGRADING\.md)$/,
  /^dist\/[\w./-]+\.(js|cjs|d\.ts|d\.cts)$/,
  /^dist\/[\w./-]+\.(js|cjs)\.map$/,
]
const REQUIRED = ['LICENSE', 'package.json']
/** npm runs these on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']

/** What is wrong with the files and the manifest of a packed package; empty if nothing is. */
export function packedProblems(packed: Packed): string[] {
  const files = filesUnder(packed.directory)
  return [
    ...REQUIRED.filter((file) => !files.includes(file)).map((file) => `lacks ${file}`),
    ...files.filter((file) => !ALLOWED.some((allowed) => allowed.test(file))).map((file) => `packs ${file}`),
    ...files.flatMap((file) => contentProblems(packed.directory, file)),
    ...exportProblems(packed.manifest, new Set(files)),
    ...manifestProblems(packed.manifest),
  ]
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
}

function contentProblems(directory: string, file: string): string[] {
  const text = readFileSync(join(directory, file), 'utf8')
  const problems: string[] = []
  if (text.includes(REPOSITORY)) problems.push(`${file} names a folder of the machine that built it`)
  // A file that only passes on what others export comes from no source.
  const isMapOfSources = file.endsWith('.map') && !text.includes('"sources":[]')
  if (isMapOfSources && !text.includes('"sourcesContent"'))
    problems.push(`${file} points at sources that are not packed`)
  return problems
}

/** Every path of `exports` is there, and ESM and CommonJS each have types of their own. */
function exportProblems({ exports, name }: Manifest, files: ReadonlySet<string>): string[] {
  const problems = leaves(exports)
    .filter((path) => !files.has(path.replace(/^\.\//, '')))
    .map((path) => `exports ${path}, which is not packed`)
  if (JSON.stringify(exports).includes('@failover/source'))
    problems.push('exports the condition @failover/source, whose files are not packed')
  if (exports === undefined) problems.push(`${name} has no exports`)
  return problems
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(leaves)
}

function manifestProblems({ name, scripts = {}, ...manifest }: Manifest): string[] {
  const ranges = Object.entries({
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  })
  const wrong = [
    ...ranges
      .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
      .map(([dependency, range]) => `depends on ${dependency} by ${range}`),
    ...INSTALL_SCRIPTS.filter((script) => script in scripts).map((script) => `runs at install: ${script}`),
  ]
  if (name === '@failover/core' && ranges.length > 0) wrong.push('has dependencies; the core has none')
  if ('@failover/core' in (manifest.dependencies ?? {}))
    wrong.push('has a core of its own, which must be a peer')
  return wrong
}
