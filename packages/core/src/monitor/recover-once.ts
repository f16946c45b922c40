import { describeError } from '../adapter/describe-error.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import type { MonitorConfig } from '../options/monitor-options.ts'
import type { ServiceConfig } from './service-config.ts'

/** A service that leaves while it is failed over is moved back, once; trouble is logged, for nobody watches any more. */
export function recoverOnce({ name, recover, rules }: ServiceConfig, { clock, logger }: MonitorConfig): void {
  if (recover === undefined) return
  const abort = new AbortController()
  const timer = clock.startTimer(() => abort.abort(), rules.hookTimeoutMs)
  const error = { name: 'Unregistered', message: 'the service was unregistered while it was failed over' }
  runOutsideRequests(async () => recover({ service: name, signal: abort.signal, error }))
    .catch((thrown: unknown) => {
      const { message } = describeError(thrown)
      logger?.error(`${name}: recover() after unregister() failed: ${message}`, {
        event: 'recover-failed',
        service: name,
      })
    })
    .finally(() => timer.cancel())
}
