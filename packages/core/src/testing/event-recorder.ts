import type { FailoverEvent, FailoverEventType } from '../events/events.ts'
import type { ServiceMonitor } from '../service-monitor.ts'

const TYPES: readonly FailoverEventType[] = [
  'outage-began',
  'outage-continues',
  'outage-ended',
  'circuit-changed',
  'ping-failed',
  'failover-failed',
  'recover-failed',
  'target-switched',
  'settings-conflict',
  'hold-changed',
  'misconfigured',
  'closed',
]

/** Remembers every event of a monitor, in order. */
export class EventRecorder {
  readonly events: FailoverEvent[] = []

  constructor(monitor: ServiceMonitor) {
    for (const type of TYPES) monitor.on(type, (event) => void this.events.push(event))
  }

  /** The types that came, in order; only those asked for, if any are. */
  types(...only: FailoverEventType[]): FailoverEventType[] {
    const types = this.events.map(({ type }) => type)
    return only.length === 0 ? types : types.filter((type) => only.includes(type))
  }
}
