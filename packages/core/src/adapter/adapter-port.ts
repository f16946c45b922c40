import type { Clock } from '../clock/clock.ts'
import type { ServiceHandle } from '../monitor/service-handle.ts'
import type { ServiceMonitor } from '../service-monitor.ts'

/** On the global registry: an adapter may have been built against another copy of the package. */
export const ADAPTER_PORT = Symbol.for('@failover/adapter-port')

/** What adapters need of a monitor and applications do not. */
export interface AdapterPort {
  readonly clock: Clock
  /** @throws ServiceError `ERR_UNKNOWN_SERVICE` */
  service(name: string): ServiceHandle
  /** Publishes that a pool's work goes elsewhere now. */
  announceSwitch(pool: string, from: string, to: string): void
}

export function adapterPort(monitor: ServiceMonitor): AdapterPort {
  return monitor[ADAPTER_PORT]()
}
