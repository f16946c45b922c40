import { errorChain, isErrorLike } from '../adapter/error-chain.ts'
import { isLocalTrouble } from '../adapter/classify-error.ts'
import { CODE_MEANINGS } from '../adapter/error-codes.ts'
import { readProperty } from '../adapter/read-property.ts'
import { CallTimeoutError } from '../errors.ts'

const HTTP_TOO_MANY_REQUESTS = 429
const HTTP_SERVER_ERRORS = 500
/** "Not implemented" and "HTTP version not supported" speak of the request, and say nothing of health. */
const HARMLESS_SERVER_ERRORS: readonly number[] = [501, 505]

/** Whether a response counts as a failure of its origin, by its status. Never throws. */
export function isFailureResponse(response: unknown): boolean {
  const status = readProperty(response, 'status')
  if (typeof status !== 'number') return false
  if (status === HTTP_TOO_MANY_REQUESTS) return true
  return status >= HTTP_SERVER_ERRORS && !HARMLESS_SERVER_ERRORS.includes(status)
}

/**
 * Whether an error of `fetch` counts as a failure of the origin: it could not be reached, broke off, spoke no HTTP, has
 * a wrong certificate, or took too long. All others say nothing: most are mistakes in the request. Never throws.
 */
export function isFetchFailure(error: unknown): boolean {
  if (error instanceof CallTimeoutError || isTimeout(error)) return true
  if (readProperty(error, 'name') === 'AbortError' || isLocalTrouble(error)) return false
  return errorChain(error).some((each) => isErrorLike(each) && isNetworkError(each))
}

/** As `AbortSignal.timeout()` makes it. */
export function isTimeout(error: unknown): boolean {
  return readProperty(error, 'name') === 'TimeoutError'
}

/** Of undici, but of the request or of this process. */
const NOT_OF_THE_ORIGIN: ReadonlySet<string> = new Set([
  'UND_ERR_ABORT',
  'UND_ERR_ABORTED',
  'UND_ERR_CLOSED', // the application has closed the dispatcher
  'UND_ERR_DESTROYED',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_MAX_ORIGINS_REACHED',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE', // a limit of the application
  'UND_ERR_RESPONSE', // an interceptor's word for any status from 400
  'UND_ERR_RESPONSE_STATUS_CODE',
])

/** Families that are too large to list: of undici, of its parser, of encryption and of certificates. */
const FAMILIES = /^(?:UND_ERR|HPE|ERR_SSL|CERT|UNABLE_TO)_/

/** What else encryption, certificates and HTTP/2 end with. */
const OTHERS: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'EPROTO',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_PING_CANCEL',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
])

/** System calls that speak with the origin, or ask where it is. */
const NETWORK_CALLS: readonly unknown[] = ['connect', 'getaddrinfo', 'read', 'write']

/** What did not look like HTTP; not every version of undici gives it a code. */
const NO_HTTP = 'HTTPParserError'

function isNetworkError(error: object): boolean {
  if (readProperty(error, 'name') === NO_HTTP) return true
  const code = readProperty(error, 'code')
  if (typeof code !== 'string' || NOT_OF_THE_ORIGIN.has(code)) return false
  return FAMILIES.test(code) || OTHERS.has(code) || isNetworkCode(code, readProperty(error, 'syscall'))
}

function isNetworkCode(code: string, systemCall: unknown): boolean {
  const meaning = CODE_MEANINGS.get(code)
  if (meaning === undefined) return NETWORK_CALLS.includes(systemCall)
  return meaning === 'outage' || meaning === 'weak'
}
