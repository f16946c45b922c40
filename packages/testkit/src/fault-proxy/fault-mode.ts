/** `up` = from client to server, `down` = from server to client. */
export type Direction = 'up' | 'down'

export type FaultMode =
  | { readonly kind: 'pass' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'accept-then-silence' }
  | { readonly kind: 'black-hole' }
  | { readonly kind: 'reset'; readonly atByte: number }
  | { readonly kind: 'reply-drop' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  | { readonly kind: 'slow-drip'; readonly bytesPerSecond: number }
  | { readonly kind: 'half-close' }

export type FaultKind = FaultMode['kind']

/** Modes without numbers may be given by their name. */
export type FaultName = Exclude<FaultKind, 'reset' | 'latency' | 'slow-drip'>

/** What happens to new connections. */
export type Door = 'open' | 'refuse' | 'silence'

/** What happens to bytes of one direction. */
export type LaneMode = Exclude<FaultMode, { kind: 'refuse' | 'accept-then-silence' }>

export interface FaultPlan {
  readonly door: Door
  readonly up: LaneMode
  readonly down: LaneMode
}

const PASS: LaneMode = { kind: 'pass' }
export const PASS_PLAN: FaultPlan = { door: 'open', up: PASS, down: PASS }

/**
 * What a call of `set` makes of the plan. A mode with a direction changes that direction and leaves the other;
 * one without replaces the plan. Silence at the door leaves what flows through live connections.
 */
export function planAfter(before: FaultPlan, mode: FaultMode, direction?: Direction): FaultPlan {
  checkDirection(mode, direction)
  switch (mode.kind) {
    case 'refuse':
      return { ...PASS_PLAN, door: 'refuse' }
    case 'accept-then-silence':
      return { ...before, door: 'silence' }
    case 'reply-drop':
      return { ...PASS_PLAN, down: mode }
    default:
      return direction
        ? { ...before, door: 'open', [direction]: mode }
        : { door: 'open', up: mode, down: mode }
  }
}

function checkDirection({ kind }: FaultMode, direction: Direction | undefined): void {
  if (['refuse', 'accept-then-silence', 'reply-drop'].includes(kind) && direction !== undefined)
    throw new TypeError(`${kind} has no direction`)
  if (['reset', 'half-close'].includes(kind) && direction === undefined)
    throw new TypeError(`${kind} needs a direction: "up" (client to server) or "down"`)
}

export function checkMode(mode: FaultMode): FaultMode {
  switch (mode.kind) {
    case 'reset':
      return check(mode, Number.isInteger(mode.atByte) && mode.atByte >= 0, 'atByte >= 0, a whole number')
    case 'latency':
      return check(mode, mode.ms >= 0 && (mode.jitterMs ?? 0) >= 0, 'ms >= 0 and jitterMs >= 0')
    case 'slow-drip':
      return check(mode, mode.bytesPerSecond > 0, 'bytesPerSecond > 0')
    default:
      return mode
  }
}

function check(mode: FaultMode, isGood: boolean, range: string): FaultMode {
  if (!isGood) throw new RangeError(`${mode.kind} needs ${range}, got ${JSON.stringify(mode)}`)
  return mode
}
