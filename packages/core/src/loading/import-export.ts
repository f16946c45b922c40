import Module, { createRequire } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describeError } from '../adapter/describe-error.ts'
import { InvalidOptionError, ServiceError } from '../errors.ts'
import { redact } from '../redact.ts'
import type { ParsedSpecifier } from './specifier.ts'

type Exports = Readonly<Record<string, unknown>>
type Importer = (module: string) => Promise<Exports>

/** A module with more exports is not told in full. */
const MOST_NAMES = 20
/** How `import` says that it could not find the module where `require` still might. */
const NOT_FOUND_CODES: readonly (string | undefined)[] = [
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNSUPPORTED_DIR_IMPORT',
]

/**
 * The directory that is resolved from, with a slash at its end.
 *
 * @throws InvalidOptionError if it is neither a path nor a file URL
 */
export async function baseUrlOf(base: unknown): Promise<URL> {
  const path = pathOf(base)
  const isFile = await isFileAt(path)
  return isFile ? new URL('.', pathToFileURL(path)) : pathToFileURL(`${path}/`)
}

function pathOf(base: unknown): string {
  const isPath = typeof base === 'string' && !base.startsWith('file:')
  if (isPath) return resolve(base)
  try {
    return fileURLToPath(base as string | URL)
  } catch {
    throw new InvalidOptionError('base', 'a path or a file URL', typeof base)
  }
}

async function isFileAt(path: string): Promise<boolean> {
  try {
    return (await process.getBuiltinModule('node:fs/promises').stat(path)).isFile()
  } catch {
    return false
  }
}

/**
 * What the specifier names.
 *
 * @throws ServiceError `ERR_SERVICE_MODULE`, `ERR_SERVICE_EXPORT`
 */
export async function importExport(
  { shown, module, exportName }: ParsedSpecifier,
  base: URL,
): Promise<unknown> {
  const namespace = await load(module, base).catch((cause: unknown) => throwUnloadable(shown, cause))
  const places = placesOf(namespace)
  const place = places.find((exports) => isExported(exports, exportName))
  if (place !== undefined) return Reflect.get(place, exportName)
  const message = `service "${shown}": the module has no export "${redact(exportName)}"; it has ${namesOf(places)}`
  throw new ServiceError('ERR_SERVICE_EXPORT', message)
}

function throwUnloadable(shown: string, cause: unknown): never {
  const message = `service "${shown}": the module cannot be loaded: ${describeError(cause).message}`
  throw new ServiceError('ERR_SERVICE_MODULE', message, { cause })
}

/** As `import` would from the base; else as `require` would: paths without extension, directories, `require`-only packages. */
async function load(module: string, base: URL): Promise<Exports> {
  const importFromBase = importerAt(base)
  try {
    return await importFromBase(isAbsolute(module) ? pathToFileURL(module).href : module)
  } catch (error) {
    const resolved = NOT_FOUND_CODES.includes(describeError(error).code)
      ? resolveByRequire(module, base)
      : undefined
    if (resolved === undefined) throw error
    return importFromBase(pathToFileURL(resolved).href)
  }
}

function resolveByRequire(module: string, base: URL): string | undefined {
  try {
    return createRequire(base).resolve(module)
  } catch {
    return undefined
  }
}

/**
 * An `import()` that resolves from the base, packages with only an `import` condition included. Node has no public way to
 * that: `import.meta.resolve` takes no parent, `createRequire` knows no `import` condition, and the loader constant of
 * `node:vm` prints a warning. A CommonJS module that is compiled as if it stood in the base has just that `import()`.
 * It is also the real one where a test runner has replaced ours.
 */
function importerAt(base: URL): Importer {
  const path = fileURLToPath(new URL('failover-services.cjs', base))
  const host = new Module(path) as Module & { _compile(source: string, path: string): void }
  host._compile('module.exports = (module) => import(module)', path)
  return host.exports as Importer
}

/**
 * Where exports may stand: the names of a CommonJS module are sometimes visible on `default` only, and if it was compiled
 * from ESM its own `default` is there too.
 */
function placesOf(namespace: Exports): readonly object[] {
  const { default: inner } = namespace
  if ((typeof inner !== 'object' && typeof inner !== 'function') || inner === null) return [namespace]
  return Object.hasOwn(inner, '__esModule') ? [inner, namespace] : [namespace, inner]
}

/** Exports are enumerable; `name` and `length` of an exported function are not, nor is anything inherited. */
function isExported(exports: object, name: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(exports, name)
}

function namesOf(places: readonly object[]): string {
  const names = [...new Set(places.flatMap((exports) => Object.keys(exports)))].filter(
    (name) => !isInterop(name),
  )
  if (names.length === 0) return 'none'
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return redact(names.slice(0, MOST_NAMES).join(', ')) + more
}

/** Names that Node and compilers add. */
function isInterop(name: string): boolean {
  return name === 'module.exports' || name === '__esModule'
}
