import type { Verdict } from '../adapter/verdict.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { DEFAULT_OUTAGE_LOG_INTERVAL_MS } from '../defaults.ts'
import { ContradictoryOptionsError, InvalidOptionError } from '../errors.ts'
import type { Logger } from '../logging/logger.ts'
import { checkLogger } from '../logging/logger.ts'
import type { Service } from '../service.ts'
import { isSettings } from '../settings/settings.ts'
import { checkPingIntervals, type PingIntervals } from './ping-intervals.ts'
import { checkClock } from './clock-option.ts'
import { callable, durationMs, flag, knownKeys, list, optional, record } from './validate.ts'

/** An error that says "outage" for this application: its class, its code, or a question of one's own. */
export type OutageError =
  string | (abstract new (...args: never[]) => unknown) | ((error: unknown) => boolean)

export interface ServiceMonitorOptions {
  /** Registered at once, in this order. */
  services?: readonly (Service | (new () => Service))[]
  /** The application's settings, made with `createSettings`, that services override while they are down. */
  settings?: object
  /** Least times between two pings of services that do not say it themselves. Default: 120 000 / 30 000 / 5 000. */
  pingIntervals?: Partial<PingIntervals>
  /** An outage is logged at once, and again each time so long has passed. Default: 3 600 000. */
  outageLogIntervalMs?: number
  /** Where outages and recoveries are logged; `false` for nowhere. Default: the console. */
  logger?: Logger | false
  /** What a reported error says. Replaces the default, `classifyError`. */
  classify?: (error: unknown) => Verdict
  /** Further errors that mean an outage: classes, codes, or predicates. */
  outageErrors?: readonly OutageError[]
  /** Whether services are pinged by timers; if not, triggers alone do it (serverless). Default: true. */
  background?: boolean
  /** Whether anything is done at all. Default: true, unless `FAILOVER_DISABLED=1`. */
  enabled?: boolean
  clock?: Clock
}

const KEYS = [
  'services',
  'settings',
  'pingIntervals',
  'outageLogIntervalMs',
  'logger',
  'classify',
  'outageErrors',
  'background',
  'enabled',
  'clock',
] as const

export interface MonitorConfig {
  readonly settings: object | undefined
  readonly pingIntervals: Partial<PingIntervals> | undefined
  readonly outageLogIntervalMs: number
  readonly logger: Logger | undefined
  readonly classify: ((error: unknown) => Verdict) | undefined
  readonly outageErrors: readonly OutageError[]
  readonly background: boolean
  readonly enabled: boolean
  readonly clock: Clock
}

/** @throws InvalidOptionError, ContradictoryOptionsError */
export function readMonitorOptions(options: ServiceMonitorOptions): MonitorConfig {
  knownKeys('ServiceMonitor', record('options of ServiceMonitor', options), KEYS)
  list('services', options.services ?? [])
  const {
    outageLogIntervalMs = DEFAULT_OUTAGE_LOG_INTERVAL_MS,
    background = true,
    clock = systemClock,
  } = options
  return Object.freeze({
    settings: checkSettings(options.settings),
    pingIntervals: optional(checkPingIntervals)('pingIntervals', options.pingIntervals),
    outageLogIntervalMs: durationMs('outageLogIntervalMs', outageLogIntervalMs),
    logger: checkLogger(options.logger),
    classify: optional(callable)('classify', options.classify) as MonitorConfig['classify'],
    outageErrors: checkOutageErrors('outageErrors', options.outageErrors ?? []),
    background: flag('background', background),
    enabled: flag('enabled', options.enabled ?? process.env['FAILOVER_DISABLED'] !== '1'),
    clock: checkClock('clock', clock),
  })
}

function checkSettings(settings: object | undefined): object | undefined {
  if (settings === undefined || isSettings(settings)) return settings
  throw new ContradictoryOptionsError(
    'settings must come from createSettings(...): a plain object cannot be overridden',
  )
}

/** @throws InvalidOptionError */
export function checkOutageErrors(option: string, value: unknown): readonly OutageError[] {
  return Object.freeze(
    list(option, value).map((each, index) => checkOutageError(`${option}[${index}]`, each)),
  )
}

function checkOutageError(option: string, value: unknown): OutageError {
  if (typeof value === 'function' || (typeof value === 'string' && value !== '')) return value as OutageError
  throw new InvalidOptionError(option, 'an error class, an error code or a predicate', value)
}
