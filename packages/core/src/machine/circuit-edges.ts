/* The ways the computed circuit changes. Runs, generation and open time are set here and nowhere else. */
import type { Rules } from './rules.ts'
import type { SignalOf } from './signal.ts'
import type { MachineState, OpenCause, OpenCircuit, Trial, WithCircuit } from './state.ts'

/**
 * Opens it. Any opening before the level was reset is a reopening: its open time has doubled, and binds.
 *
 * @param askedMs for how long the upstream asked to be left alone
 */
export function openCircuit(
  state: MachineState,
  cause: OpenCause,
  rules: Rules,
  now: number,
  askedMs?: number,
): MachineState {
  const isReopening = state.openings > 0
  const ownMs = isReopening ? Math.max(state.openMs * 2, askedMs ?? 0) : (askedMs ?? rules.openMs)
  const openMs = Math.min(ownMs, rules.longestOpenMs)
  const binds = cause === 'calls' || isReopening || rules.bindsFirstOpening
  return {
    ...state,
    circuit: {
      name: 'open',
      since: now,
      goodRun: 0,
      cause,
      minimumOpenMs: binds ? openMs : 0,
      quietSince: now,
    },
    generation: state.generation + 1,
    openings: state.openings + 1,
    openMs,
  }
}

/** Opens it as others did who share it, with their open time. */
export function adoptOpening(
  state: MachineState,
  { error, openMs, openings, ageMs }: SignalOf<'shared-opened'>,
  now: number,
): MachineState {
  const since = now - ageMs
  return {
    ...state,
    circuit: {
      name: 'open',
      since,
      goodRun: 0,
      cause: 'calls',
      minimumOpenMs: openMs,
      quietSince: since,
      adopted: true,
    },
    lastError: error,
    generation: state.generation + 1,
    openings,
    openMs,
  }
}

export function closeCircuit(state: MachineState, now: number): MachineState {
  return { ...state, circuit: { name: 'closed', since: now, badRun: 0 }, generation: state.generation + 1 }
}

/** Opens half, for a first trial. The generation stays: nobody was admitted since the opening. */
export function openHalf(state: WithCircuit<OpenCircuit>, trial: Trial, now: number): MachineState {
  const { cause, adopted } = state.circuit
  return { ...state, circuit: { name: 'half-open', since: now, goodRun: 0, cause, adopted, trials: [trial] } }
}
