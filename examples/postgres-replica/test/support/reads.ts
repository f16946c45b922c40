import type { AppName } from '../../src/app-message.ts'
import type { Read } from '../../src/meter.ts'

export function answered(app: AppName, startedAt: number, latencyMs = 1, servedBy = 'replica'): Read {
  return { app, startedAt, latencyMs, endedAt: startedAt + latencyMs, servedBy }
}

export function failed(app: AppName, startedAt: number, latencyMs = 1): Read {
  return { app, startedAt, latencyMs, endedAt: startedAt + latencyMs, error: 'refused' }
}
