import { classifyError, FailoverError, type Verdict } from '@failover/core'
import { errorChain, isErrorLike } from '@failover/core/adapter'

/** What an SQLSTATE says about the server. The longest prefix that fits decides; classes are two characters long. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  '08': 'outage', // connection exception
  '57P01': 'outage', // admin_shutdown
  '57P02': 'outage', // crash_shutdown
  '57P03': 'outage', // cannot_connect_now: starting, or shutting down
  '58000': 'outage', // system_error
  '58030': 'outage', // io_error
  XX001: 'outage', // data_corrupted
  XX002: 'outage', // index_corrupted
  '25006': 'role', // read_only_sql_transaction
  '53300': 'saturated', // too_many_connections
  '53100': 'saturated', // disk_full
  '53200': 'saturated', // out_of_memory
  '53400': 'saturated', // configuration_limit_exceeded
  '57P05': 'saturated', // idle_session_timeout
}

/** A FATAL of these classes is about who asks, not about the server. */
const NOT_ABOUT_THE_SERVER = ['28', '3D', '57P05', '53300']

/** The connection was gone before the statement came. */
const NEVER_SENT_MESSAGE = 'Client has encountered a connection error and is not queryable'

/** What pg says, without a code, when its connection is gone. */
const OUTAGE_MESSAGES = new Set([
  'Connection terminated unexpectedly',
  'Connection terminated',
  'Connection terminated due to connection timeout',
  'timeout expired',
  NEVER_SENT_MESSAGE,
])

/** A slow statement, or a pool that the application has emptied, looks the same: these ask for a ping and decide nothing. */
const WEAK_MESSAGES = new Set(['Query read timeout', 'timeout exceeded when trying to connect'])

/** Where the server, or the login, was asked wrongly. */
const MISCONFIGURED_CODES = ['28', '3D']
const MISCONFIGURED_MESSAGE = /^SASL:|does not support SSL|client password must be a string/

interface ServerError {
  readonly code: string
  readonly severity: string
}

/**
 * What an error of pg says about its server. Reads SQLSTATE first, then the socket's code, then pg's own words. Errors of
 * this library are never evidence, whatever they wrap.
 */
export function classifyPostgresError(error: unknown): Verdict {
  for (const link of foreignErrors(error)) {
    if (isServerError(link)) return verdictOfServer(link)
    if (OUTAGE_MESSAGES.has(messageOf(link)) || WEAK_MESSAGES.has(messageOf(link))) return 'outage'
  }
  return classifyError(error)
}

/** Whether it only asks for a ping: the same happens on a server that is well. */
export function isWeakPostgresError(error: unknown): boolean {
  return foreignErrors(error).some((link) => WEAK_MESSAGES.has(messageOf(link)))
}

/** Whether the server cannot have seen the statement. */
export function wasNeverSent(error: unknown): boolean {
  return messageOf(error) === NEVER_SENT_MESSAGE
}

/** Whether the login or the database was refused: says that the question is wrong, not that the server is down. */
export function isMisconfiguration(error: unknown): boolean {
  return foreignErrors(error).some((link) => {
    if (isServerError(link)) return MISCONFIGURED_CODES.some((prefix) => link.code.startsWith(prefix))
    return MISCONFIGURED_MESSAGE.test(messageOf(link))
  })
}

/** Whether the server refused the statement and the session lives on. */
export function leavesSessionUsable(error: unknown): boolean {
  return isServerError(error) && error.severity === 'ERROR'
}

function verdictOfServer({ code, severity }: ServerError): Verdict {
  const verdict = VERDICTS[code] ?? VERDICTS[code.slice(0, 2)]
  if (verdict !== undefined) return verdict
  const endsSession = severity === 'FATAL' || severity === 'PANIC'
  return endsSession && !NOT_ABOUT_THE_SERVER.some((prefix) => code.startsWith(prefix))
    ? 'outage'
    : 'application'
}

function foreignErrors(error: unknown): readonly unknown[] {
  const isOurs = (link: unknown): boolean => link instanceof FailoverError
  return errorChain(error, isOurs).filter((link) => !isOurs(link))
}

/** An error that came over the wire: only those have both a severity and an SQLSTATE. */
function isServerError(error: unknown): error is ServerError {
  if (!isErrorLike(error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return (
    typeof Reflect.get(error, 'severity') === 'string' &&
    typeof code === 'string' &&
    /^[0-9A-Z]{5}$/.test(code)
  )
}

function messageOf(error: unknown): string {
  return isErrorLike(error) ? String(Reflect.get(error, 'message')) : ''
}
