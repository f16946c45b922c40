import { describeError } from '../adapter/describe-error.ts'
import { atMost } from '../clock/at-most.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import { writeLine } from '../logging/logger.ts'
import type { MachineState } from '../machine/state.ts'
import type { MonitorConfig } from '../options/monitor-options.ts'
import type { ServiceShell } from './service-shell.ts'

const UNREGISTERED = {
  name: 'Unregistered',
  message: 'the service was unregistered while it was failed over',
}

/** Whether a `failover()` has done, or may yet do, what `recover()` must undo. */
export function mayNeedRecover({ failover }: MachineState): boolean {
  if (failover.name !== 'idle') return true
  return failover.unsettled !== undefined || failover.owesRecover === true
}

/**
 * A service that leaves while it is failed over is moved back, once, after a hook that may still run: a `failover()` may
 * yet succeed, and a `recover()` too, which is then not repeated. Trouble is only logged: nobody watches any more.
 */
export async function recoverOnce(
  shell: ServiceShell,
  { clock, logger }: MonitorConfig,
  hook: Promise<unknown>,
): Promise<void> {
  const { name, recover, rules } = shell.config
  if (recover === undefined) return
  await atMost(clock, hook, rules.hookTimeoutMs)
  if (!shell.isMovedAway) await hook
  if (!shell.isMovedAway) return
  const abort = new AbortController()
  const timer = clock.startTimer(() => abort.abort(), rules.hookTimeoutMs)
  try {
    await runOutsideRequests(async () =>
      recover({ service: name, signal: abort.signal, error: UNREGISTERED }),
    )
  } catch (error) {
    const text = `${name}: recover() after unregister() failed: ${describeError(error).message}`
    writeLine(logger, 'error', text, { event: 'recover-failed', service: name })
  } finally {
    timer.cancel()
  }
}
