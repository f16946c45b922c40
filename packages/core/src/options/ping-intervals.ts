import { DEFAULT_PING_INTERVALS } from '../defaults.ts'
import { durationMs, knownKeys, record } from './validate.ts'

/** The least times between the starts of two pings, in milliseconds. 0 means a ping at every trigger. */
export interface PingIntervals {
  /** While the service is up. */
  readonly monitoringMs: number
  /** While it is down. */
  readonly outageMs: number
  /** After an error was reported, and while failed or good pings are being counted. */
  readonly errorMs: number
}

const KEYS = ['monitoringMs', 'outageMs', 'errorMs'] as const

/** @throws InvalidOptionError if one is not a whole number of milliseconds of at least 0 */
export function checkPingIntervals(option: string, value: unknown): Partial<PingIntervals> {
  const given = record(option, value)
  knownKeys(option, given, KEYS)
  const checked: Partial<Record<(typeof KEYS)[number], number>> = {}
  for (const key of KEYS) {
    if (given[key] !== undefined) checked[key] = durationMs(`${option}.${key}`, given[key], { min: 0 })
  }
  return checked
}

/** The first that is given wins, key by key. */
export function resolvePingIntervals(...layers: (Partial<PingIntervals> | undefined)[]): PingIntervals {
  return Object.freeze(
    layers.reduceRight<PingIntervals>((low, high) => ({ ...low, ...high }), DEFAULT_PING_INTERVALS),
  )
}
