/* What the machine asks for. The shell publishes first, then runs the rest in order. */
import type { ErrorSummary } from '../adapter/describe-error.ts'
import type { CircuitName, HoldKind, MachineState, OpenCause } from './state.ts'

/** What listeners are told; the shell adds the service's name and the time. */
export type MachineEvent =
  | {
      readonly type: 'circuit-changed'
      readonly from: CircuitName
      readonly to: CircuitName
      readonly observed: boolean
    }
  | {
      readonly type: 'outage-began'
      readonly cause: OpenCause | 'hold'
      readonly error: ErrorSummary
      readonly failover: 'started' | 'none'
    }
  | {
      readonly type: 'outage-continues'
      readonly cause: OpenCause | 'hold'
      readonly error: ErrorSummary
      readonly durationMs: number
      readonly failedOver: boolean
    }
  | { readonly type: 'outage-ended'; readonly durationMs: number }
  | { readonly type: 'ping-failed'; readonly error: ErrorSummary; readonly inconclusive: boolean }
  | { readonly type: 'misconfigured'; readonly error: ErrorSummary }
  | {
      readonly type: 'failover-failed' | 'recover-failed'
      readonly error: ErrorSummary
      readonly attempt: number
    }
  | {
      readonly type: 'hold-changed'
      readonly hold: HoldKind | 'none'
      readonly previous: HoldKind | 'none'
      readonly reason?: string | undefined
      readonly author?: string | undefined
      readonly expired: boolean
    }

export type Effect =
  | { readonly type: 'publish'; readonly event: MachineEvent }
  | { readonly type: 'run-failover' | 'run-recover'; readonly attempt: number }
  /** Takes back what a failed `failover()` applied. */
  | { readonly type: 'undo-failover' }
  /** Ping if a ping is due. */
  | { readonly type: 'trigger-ping' }
  | { readonly type: 'admit'; readonly generation: number; readonly trial?: number | undefined }
  /** The call reaches the standby; its outcome says nothing about the service. */
  | { readonly type: 'rescue' }
  | { readonly type: 'refuse'; readonly retryAfterMs: number }

export interface Step {
  readonly state: MachineState
  readonly effects: readonly Effect[]
}

export function publish(event: MachineEvent): Effect {
  return { type: 'publish', event }
}

/** Nothing changes and nothing is asked for, but it is counted. */
export function ignore(state: MachineState): Step {
  return { state: { ...state, ignored: state.ignored + 1 }, effects: [] }
}

export function stay(state: MachineState, ...effects: Effect[]): Step {
  return { state, effects }
}

/** Runs the next decision on what the last one left. */
export function andThen(step: Step, next: (state: MachineState) => Step): Step {
  const { state, effects } = next(step.state)
  return { state, effects: effects.length === 0 ? step.effects : [...step.effects, ...effects] }
}
