/* An operator's decision, laid over what the evidence says. The evidence goes on being computed beneath. */
import { publish, stay, type Step } from './effect.ts'
import type { Hold, HoldKind, MachineState } from './state.ts'

export function changeHold(state: MachineState, hold: Hold | undefined, expired: boolean): Step {
  const concerned = hold ?? state.hold
  if (concerned === undefined) return stay(state)
  const { reason, author } = concerned
  const change = { hold: kindOf(hold), previous: kindOf(state.hold), reason, author, expired }
  return stay({ ...state, hold }, publish({ type: 'hold-changed', ...change }))
}

function kindOf(hold: Hold | undefined): HoldKind | 'none' {
  return hold?.kind ?? 'none'
}
