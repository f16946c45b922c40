import type { Service } from './service.ts'

/** How copies of this package know each other's services, and the ping that they did not write themselves. */
export const SERVICE_BRAND = Symbol.for('@failover/service')

/** Whether the service asks its own question. */
export function hasOwnPing(service: Service): boolean {
  return Reflect.get(service.ping, SERVICE_BRAND) !== 'default'
}
