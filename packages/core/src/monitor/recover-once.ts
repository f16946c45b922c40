import { describeError } from '../adapter/describe-error.ts'
import { atMost } from '../clock/at-most.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import type { MonitorConfig } from '../options/monitor-options.ts'
import type { ServiceConfig } from './service-config.ts'

const UNREGISTERED = {
  name: 'Unregistered',
  message: 'the service was unregistered while it was failed over',
}

/**
 * A service that leaves while it is failed over is moved back, once, after a hook that may still run. Trouble is only
 * logged: nobody watches any more.
 */
export async function recoverOnce(
  { name, recover, rules }: ServiceConfig,
  { clock, logger }: MonitorConfig,
  hook: Promise<unknown>,
): Promise<void> {
  if (recover === undefined) return
  await atMost(clock, hook, rules.hookTimeoutMs)
  const abort = new AbortController()
  const timer = clock.startTimer(() => abort.abort(), rules.hookTimeoutMs)
  try {
    await runOutsideRequests(async () =>
      recover({ service: name, signal: abort.signal, error: UNREGISTERED }),
    )
  } catch (error) {
    const text = `${name}: recover() after unregister() failed: ${describeError(error).message}`
    logger?.error(text, { event: 'recover-failed', service: name })
  } finally {
    timer.cancel()
  }
}
