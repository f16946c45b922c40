import type { MachineEvent } from '../machine/effect.ts'

interface Stamp {
  /** Wall-clock time, in milliseconds since the epoch. */
  readonly at: number
}

/** What the machine decided, for one service. */
export type ServiceEvent = MachineEvent & Stamp & { readonly service: string }

/** A call was refused because its circuit was open. Told only while somebody listens. */
export interface CallRefusedEvent extends Stamp {
  readonly type: 'call-refused'
  readonly service: string
  readonly retryAfterMs: number
  /** It would have been refused; a hold let it pass. */
  readonly observed: boolean
}

/** A setting that a failover overrides was written by the application meanwhile; its value is kept. */
export interface SettingsConflictEvent extends Stamp {
  readonly type: 'settings-conflict'
  readonly service: string
  readonly key: string
}

/** A pool sends its work to another target. */
export interface TargetSwitchedEvent extends Stamp {
  readonly type: 'target-switched'
  readonly pool: string
  readonly from: string
  readonly to: string
}

export interface ClosedEvent extends Stamp {
  readonly type: 'closed'
}

export type FailoverEvent =
  ServiceEvent | CallRefusedEvent | SettingsConflictEvent | TargetSwitchedEvent | ClosedEvent
export type FailoverEventType = FailoverEvent['type']
export type FailoverEventOf<T extends FailoverEventType> = Extract<FailoverEvent, { readonly type: T }>

/** Without the time: the hub stamps it. */
export type Unstamped<E extends FailoverEvent = FailoverEvent> = E extends unknown ? Omit<E, 'at'> : never

/** The compiler sees to it that none is missing. */
const EVERY_TYPE: Readonly<Record<FailoverEventType, true>> = {
  'outage-began': true,
  'outage-continues': true,
  'outage-ended': true,
  'circuit-changed': true,
  'call-refused': true,
  'ping-failed': true,
  'failover-failed': true,
  'recover-failed': true,
  'target-switched': true,
  'settings-conflict': true,
  'hold-changed': true,
  misconfigured: true,
  closed: true,
}

export const failoverEventTypes = Object.keys(EVERY_TYPE) as readonly FailoverEventType[]
