import { InvalidOptionError } from '../errors.ts'
import { callable } from '../options/validate.ts'

/** What is told to the application's log. The text stands by itself; the fields repeat it for machines. */
export interface LogFields {
  readonly service?: string
  readonly event: string
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string }
  readonly durationMs?: number
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info'

type Log = (message: string, fields: LogFields) => unknown

/** Anything with `error`, `warn` and `info`: the console, or most loggers. Outages go to `fatal` where there is one. */
export interface Logger {
  fatal?: Log
  error: Log
  warn: Log
  info: Log
}

/** The console, without the fields: a line is a line. */
const consoleLogger: Logger = {
  error: (message) => console.error(message),
  warn: (message) => console.warn(message),
  info: (message) => console.info(message),
}

/** @throws InvalidOptionError if a level is missing */
export function checkLogger(logger: unknown): Logger | undefined {
  if (logger === undefined) return consoleLogger
  if (logger === false) return undefined
  if (typeof logger !== 'object' || logger === null)
    throw new InvalidOptionError('logger', 'an object with error, warn and info, or false', logger)
  for (const level of ['error', 'warn', 'info']) callable(`logger.${level}`, Reflect.get(logger, level))
  return logger as Logger
}

/** Outages go to `error` where there is no `fatal`. A logger that throws or rejects changes nothing. */
export function writeLine(
  logger: Logger | undefined,
  level: LogLevel,
  message: string,
  fields: LogFields,
): void {
  try {
    const name = level === 'fatal' && typeof logger?.fatal !== 'function' ? 'error' : level
    const result = logger?.[name]?.(`${message} (pid ${process.pid})`, fields)
    Promise.resolve(result).catch(() => {})
  } catch {
    // There is nowhere left to say it.
  }
}
