/* An operator's decision, laid over what the evidence says. The evidence goes on being computed beneath. */
import { publish, stay, type Step } from './effect.ts'
import type { Hold, MachineState } from './state.ts'

export function changeHold(state: MachineState, hold: Hold | undefined, expired: boolean): Step {
  if (hold === undefined && state.hold === undefined) return stay(state)
  const { reason, author } = hold ?? state.hold ?? {}
  const previous = state.hold?.kind ?? 'none'
  const event = {
    type: 'hold-changed',
    hold: hold?.kind ?? 'none',
    previous,
    reason,
    author,
    expired,
  } as const
  return stay({ ...state, hold }, publish(event))
}
