import { EventRecorder, FakeClock, LogRecorder, ScriptedService } from '../../src/testing/index.ts'
import { ServiceMonitor, type ServiceMonitorOptions, type ServiceOptions } from '../../src/index.ts'

export interface Setup {
  readonly clock: FakeClock
  readonly logger: LogRecorder
  readonly monitor: ServiceMonitor
  readonly events: EventRecorder
  readonly service: ScriptedService
  /** Lines without the process id. */
  lines(): [string, string][]
}

type Scripted = Omit<ServiceOptions, 'ping' | 'failover' | 'recover'>

/** A monitor on a fake clock, with one scripted service whose first ping was good. */
export async function setUp(service: Scripted = {}, options: ServiceMonitorOptions = {}): Promise<Setup> {
  const clock = new FakeClock()
  const logger = new LogRecorder()
  const monitor = new ServiceMonitor({ clock, logger, ...options })
  const events = new EventRecorder(monitor)
  const scripted = new ScriptedService(service)
  monitor.register(scripted)
  await clock.advance(0)
  const lines = (): [string, string][] =>
    logger.lines.map(({ level, message }) => [level, message.replace(/ \(pid \d+\)$/, '')])
  return { clock, logger, monitor, events, service: scripted, lines }
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
