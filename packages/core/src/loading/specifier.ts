import { describeValue, ServiceError } from '../errors.ts'
import { redact } from '../redact.ts'

/** `"module#export"`, alone or with options for the class or function that is exported. */
export type ServiceSpecifier =
  string | { readonly service: string; readonly options?: Readonly<Record<string, unknown>> }

export interface ParsedSpecifier {
  /** As it was given, fit for a message. */
  readonly shown: string
  readonly module: string
  readonly exportName: string
  readonly options: Readonly<Record<string, unknown>> | undefined
}

const KNOWN_KEYS: readonly string[] = ['service', 'options']

/** @throws ServiceError `ERR_SERVICE_SPECIFIER` */
export function parseSpecifier(given: ServiceSpecifier): ParsedSpecifier {
  const { service, options } = fieldsOf(given)
  if (typeof service !== 'string') throw malformed(describeValue(service), 'it must be a string')
  const shown = redact(service)
  const [module = '', exportName = '', ...more] = service.split('#').map((part) => part.trim())
  const problem = problemOf(service.trim(), module, exportName, more.length)
  if (problem !== undefined) throw malformed(`"${shown}"`, problem)
  if (options !== undefined && !isRecord(options))
    throw malformed(`"${shown}"`, 'its options must be an object')
  return { shown, module, exportName, options }
}

function fieldsOf(given: unknown): { service: unknown; options?: unknown } {
  if (!isRecord(given)) return { service: given }
  const stranger = Object.keys(given).find((key) => !KNOWN_KEYS.includes(key))
  if (stranger === undefined) return { service: given['service'], options: given['options'] }
  throw malformed(
    describeValue(given['service']),
    `"${redact(stranger)}" is none of ${KNOWN_KEYS.join(', ')}`,
  )
}

function problemOf(
  service: string,
  module: string,
  exportName: string,
  furtherParts: number,
): string | undefined {
  if (service === '') return 'it is empty'
  if (!service.includes('#')) return 'it has no "#" between module and export'
  if (furtherParts > 0) return 'it has more than one "#" (in a file URL, write %23)'
  if (module === '') return 'the module before "#" is empty'
  return exportName === '' ? 'the export after "#" is empty' : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(shown: string, problem: string): ServiceError {
  const message = `service specifier ${shown} is malformed: ${problem}; expected "module#export"`
  return new ServiceError('ERR_SERVICE_SPECIFIER', message)
}
