/* Writes the monitor's events as log lines: once when an outage begins, again while it lasts, once when it ends. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { Clock } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { FailoverEventOf } from '../events/events.ts'
import { durationText } from './duration-text.ts'
import { writeLine, type LogFields, type Logger, type LogLevel } from './logger.ts'

export class EventLog {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #repeatMs: number
  /** When trouble that comes with every ping was last said; it is said again with the outage's rhythm, not the ping's. */
  readonly #saidAt = new Map<string, number>()

  constructor(logger: Logger, clock: Clock, repeatMs: number) {
    this.#logger = logger
    this.#clock = clock
    this.#repeatMs = repeatMs
  }

  attach(hub: EventHub): void {
    hub.on('outage-began', (event) => this.#outageBegan(event))
    hub.on('outage-continues', (event) => this.#outageContinues(event))
    hub.on('outage-ended', (event) => this.#outageEnded(event))
    hub.on('failover-failed', (event) => this.#hookFailed(event, 'failover() failed, not failed over'))
    hub.on('recover-failed', (event) => this.#hookFailed(event, 'recover() failed, still failed over'))
    hub.on('misconfigured', (event) => this.#misconfigured(event))
    hub.on('circuit-changed', (event) => this.#circuitChanged(event))
    hub.on('hold-changed', (event) => this.#holdChanged(event))
    hub.on('settings-conflict', (event) => this.#settingsConflict(event))
    hub.on('target-switched', ({ type, pool, from, to }) =>
      this.write('warn', `${pool} moved from ${from} to ${to}`, { event: type, service: pool }),
    )
  }

  /** One line; the library's own take this way as well. */
  write(level: LogLevel, message: string, fields: LogFields): void {
    writeLine(this.#logger, level, message, fields)
  }

  #outageBegan({ type, service, cause, error, failover }: FailoverEventOf<'outage-began'>): void {
    const what = failover === 'started' ? '. Failover started.' : ''
    const level = cause === 'hold' ? 'warn' : 'fatal'
    this.write(level, `${service} outage: ${errorText(error)}${what}`, { event: type, service, error })
  }

  #outageContinues(event: FailoverEventOf<'outage-continues'>): void {
    const { type, service, cause, error, durationMs, failedOver } = event
    const what = failedOver ? 'Failed over.' : 'Not failed over.'
    const text = `${service} outage goes on for ${durationText(durationMs)}: ${errorText(error)}. ${what}`
    this.write(cause === 'hold' ? 'warn' : 'fatal', text, { event: type, service, error, durationMs })
  }

  #outageEnded({ type, service, durationMs }: FailoverEventOf<'outage-ended'>): void {
    for (const event of ['failover-failed', 'recover-failed', 'misconfigured'])
      this.#saidAt.delete(`${event} ${service}`)
    const text = `${service} is back up after ${durationText(durationMs)}`
    this.write('info', text, { event: type, service, durationMs })
  }

  #hookFailed(event: FailoverEventOf<'failover-failed' | 'recover-failed'>, what: string): void {
    const { type, service, error } = event
    const text = `${service}: ${what}: ${errorText(error)}. Trying again.`
    this.#writeSparingly(text, { event: type, service, error })
  }

  #misconfigured({ type, service, error }: FailoverEventOf<'misconfigured'>): void {
    const text = `${service} cannot be monitored, its ping is misconfigured: ${errorText(error)}. No failover.`
    this.#writeSparingly(text, { event: type, service, error })
  }

  /** Held on `observe` there is no outage to be told: this says what would have been one. */
  #circuitChanged({ type, service, from, to, observed }: FailoverEventOf<'circuit-changed'>): void {
    const text = `${service} would have gone from ${from} to ${to}; it is observed, nothing is done`
    if (observed) this.write('warn', text, { event: type, service })
  }

  #holdChanged({
    type,
    service,
    hold,
    previous,
    reason,
    author,
    expired,
  }: FailoverEventOf<'hold-changed'>): void {
    const by = author === undefined ? '' : ` by ${author}`
    const why = reason === undefined ? '' : `: ${reason}`
    const released = `${service} is no longer held ${previous}${expired ? ', the hold expired' : by}`
    this.write('warn', hold === 'none' ? released : `${service} is held ${hold}${by}${why}`, {
      event: type,
      service,
    })
  }

  #settingsConflict({ type, service, key }: FailoverEventOf<'settings-conflict'>): void {
    const text = `setting ${key} was written while ${service} overrides it; the written value shows when ${service} has recovered`
    this.write('warn', text, { event: type, service })
  }

  #writeSparingly(message: string, fields: LogFields & { service: string }): void {
    const at = this.#clock.now()
    const key = `${fields.event} ${fields.service}`
    if (at - (this.#saidAt.get(key) ?? -Infinity) < this.#repeatMs) return
    this.#saidAt.set(key, at)
    this.write('error', message, fields)
  }
}

function errorText({ code, message }: ErrorSummary): string {
  return code === undefined || message.includes(code) ? message : `${code} ${message}`
}
