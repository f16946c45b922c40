import { FailoverError } from '../errors.ts'
import { APPLICATION_PREFIXES, CODE_MEANINGS, type CodeMeaning } from './error-codes.ts'
import { errorChain, isErrorLike } from './error-chain.ts'
import { readProperty } from './read-property.ts'
import type { Verdict } from './verdict.ts'

/**
 * What an error says about the service that it came from, as far as Node's and undici's codes tell: `outage` or
 * `application`. It looks through wrappers (see `errorChain`); the outermost code that is known decides. An error
 * without a known code is the application's. Errors of this library are never evidence, whatever they wrap.
 *
 * A code counts only on a real error, so that an object that came from a request cannot pose as one. Never throws.
 */
export function classifyError(error: unknown): Verdict {
  return meaningOf(error) === 'outage' ? 'outage' : 'application'
}

/** Whether the error decides nothing but is reason enough for a ping at once. Never throws. */
export function isWeakError(error: unknown): boolean {
  return meaningOf(error) === 'weak'
}

/** Whether this process or host ran out of something, so that nothing is known of the service. Never throws. */
export function isLocalTrouble(error: unknown): boolean {
  return meaningOf(error) === 'local-trouble'
}

function meaningOf(error: unknown): CodeMeaning | undefined {
  const errors = errorChain(error, isOurs).filter((each) => isErrorLike(each) && !isOurs(each))
  const codes = errors.map(knownCodeOf).filter((code) => code !== undefined)
  if (codes.some(isExhausted)) return 'local-trouble'
  const [first] = [...codes.filter((code) => code !== 'EADDRNOTAVAIL'), ...codes]
  return first === undefined ? undefined : lookUp(first)
}

/**
 * Of two addresses one was refused and for the other there was no descriptor left: the other might have answered.
 * `EADDRNOTAVAIL` is not among these: on a host without IPv6 it stands beside the refusal of the one true address.
 */
function isExhausted(code: string): boolean {
  return code !== 'EADDRNOTAVAIL' && lookUp(code) === 'local-trouble'
}

function knownCodeOf(error: unknown): string | undefined {
  const code = readProperty(error, 'code')
  if (typeof code !== 'string') return undefined
  if (isMissingSocket(error, code)) return 'ECONNREFUSED'
  return lookUp(code) === undefined ? undefined : code
}

/** The file of a unix socket goes away with its server: the counterpart of a refused connection. */
function isMissingSocket(error: unknown, code: string): boolean {
  return code === 'ENOENT' && readProperty(error, 'syscall') === 'connect'
}

function lookUp(code: string): CodeMeaning | undefined {
  const isApplication = APPLICATION_PREFIXES.some((prefix) => code.startsWith(prefix))
  return CODE_MEANINGS.get(code) ?? (isApplication ? 'application' : undefined)
}

function isOurs(error: unknown): boolean {
  return error instanceof FailoverError
}
