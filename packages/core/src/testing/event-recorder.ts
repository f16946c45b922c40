import { failoverEventTypes, type FailoverEvent, type FailoverEventType } from '../events/events.ts'
import type { ServiceMonitor } from '../service-monitor.ts'

/** Remembers every event of a monitor, in order. */
export class EventRecorder {
  readonly events: FailoverEvent[] = []

  constructor(monitor: ServiceMonitor) {
    for (const type of failoverEventTypes) monitor.on(type, (event) => void this.events.push(event))
  }

  /** The types that came, in order; only those asked for, if any are. */
  types(...only: FailoverEventType[]): FailoverEventType[] {
    const types = this.events.map(({ type }) => type)
    return only.length === 0 ? types : types.filter((type) => only.includes(type))
  }
}
