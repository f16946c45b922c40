import type { Clock } from '../clock/clock.ts'
import { callable, record } from './validate.ts'

const METHODS = ['now', 'coarseNow', 'wallNow', 'random', 'startTimer', 'turns']

/** @throws InvalidOptionError */
export function checkClock(option: string, value: unknown): Clock {
  const given = record(option, value)
  for (const method of METHODS) callable(`${option}.${method}`, given[method])
  return value as Clock
}
