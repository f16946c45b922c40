/* What a service adds to its circuit: pings are read, and hooks follow what the circuit wants. */
import { handleHookEnd, handleHookFulfilled, hookDeadlines, settleFailover } from './failover-region.ts'
import { handlePing, isPing } from './pings.ts'
import type { Region } from './region.ts'

export const serviceRegion: Region = {
  settle: settleFailover,
  deadlines: hookDeadlines,
  handle(state, signal, rules, now, handleCircuit) {
    if (isPing(signal)) return handlePing(state, signal, now, handleCircuit)
    switch (signal.type) {
      case 'hook-fulfilled':
        return handleHookFulfilled(state, signal)
      case 'hook-failed':
      case 'hook-timed-out':
        return handleHookEnd(state, signal, rules, now)
      default:
        return handleCircuit(state, signal)
    }
  },
}
