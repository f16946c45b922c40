import type { Logger, LogFields } from '../logging/logger.ts'

export interface LogLine {
  readonly level: 'fatal' | 'error' | 'warn' | 'info'
  readonly message: string
  readonly fields: LogFields
}

/** A logger that remembers its lines. */
export class LogRecorder implements Logger {
  readonly lines: LogLine[] = []

  fatal(message: string, fields: LogFields): void {
    this.lines.push({ level: 'fatal', message, fields })
  }

  error(message: string, fields: LogFields): void {
    this.lines.push({ level: 'error', message, fields })
  }

  warn(message: string, fields: LogFields): void {
    this.lines.push({ level: 'warn', message, fields })
  }

  info(message: string, fields: LogFields): void {
    this.lines.push({ level: 'info', message, fields })
  }
}
