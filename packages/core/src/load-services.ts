import { InvalidOptionError } from './errors.ts'
import { baseUrlOf, importExport } from './loading/import-export.ts'
import { makeService } from './loading/make-service.ts'
import { parseSpecifier, type ServiceSpecifier } from './loading/specifier.ts'
import type { Service } from './service.ts'

export type { ServiceSpecifier } from './loading/specifier.ts'

export interface LoadServicesOptions {
  /**
   * What paths and packages are resolved from: a directory, or a file (its directory counts), as a path or a file URL;
   * `import.meta.url` will do. Default: the working directory.
   */
  readonly base?: string | URL
}

/**
 * The services that are named by their module and export: `"@failover/db-mysql#MySQLService"`,
 * `"./services/search.js#SearchService"`. Default: those in the environment variable `FAILOVER_SERVICES`, separated by
 * commas; none if it is not set.
 *
 * The module is a package, a relative or absolute path, or a file URL. The export is a service, a function that makes
 * one (also asynchronously), or a class; function and class are given a copy of the `options` that stand beside the
 * specifier. A function counts as a class if it is written with `class`, or if what it makes inherits from `Service`.
 *
 * All modules are loaded before the first service is made, one after another, in the order given.
 *
 * @throws ServiceError `ERR_SERVICE_SPECIFIER` if a specifier is malformed
 * @throws ServiceError `ERR_SERVICE_MODULE` if the module cannot be found or fails while it loads; see `cause`
 * @throws ServiceError `ERR_SERVICE_EXPORT` if the module has no such export
 * @throws ServiceError `ERR_SERVICE_KIND` if the export is no service and makes none
 * @throws ServiceError `ERR_SERVICE_CONSTRUCTOR` if the class or function threw; see `cause`
 */
export async function loadServices(
  specifiers: readonly ServiceSpecifier[] = fromEnvironment(),
  { base = process.cwd() }: LoadServicesOptions = {},
): Promise<Service[]> {
  if (!Array.isArray(specifiers)) throw new InvalidOptionError('specifiers', 'an array', typeof specifiers)
  const parsed = specifiers.map(parseSpecifier)
  const baseUrl = await baseUrlOf(base)
  const exports: unknown[] = []
  for (const specifier of parsed) exports.push(await importExport(specifier, baseUrl))
  const services: Service[] = []
  for (const [at, specifier] of parsed.entries()) services.push(await makeService(specifier, exports[at]))
  return services
}

function fromEnvironment(): readonly string[] {
  const names = (process.env['FAILOVER_SERVICES'] ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}
