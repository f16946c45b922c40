/* What every ping leaves behind, whatever the circuit: the last result, the run of inconclusive ones, the events. */
import { publish, stay, andThen, type Step } from './effect.ts'
import type { Signal, SignalOf } from './signal.ts'
import type { MachineState, PingResultName } from './state.ts'

/** In a row, from this one on, pings that our own stalls explain count as failed: the stall may hide an outage. */
const INCONCLUSIVE_TO_COUNT = 3

type PingSignal = SignalOf<'ping-succeeded' | 'ping-failed' | 'ping-inconclusive' | 'ping-misconfigured'>

export function isPing(signal: Signal): signal is PingSignal {
  return signal.type.startsWith('ping-')
}

/** Records the ping, then lets the circuit decide on what it means. */
export function handlePing(
  state: MachineState,
  signal: PingSignal,
  now: number,
  decide: (state: MachineState, signal: Signal) => Step,
): Step {
  switch (signal.type) {
    case 'ping-succeeded':
      return decide(record(state, 'good', now), signal)
    case 'ping-failed':
      return fail(record({ ...state, lastError: signal.error }, 'failed', now), signal, decide)
    case 'ping-inconclusive':
      return handleInconclusive(state, signal, now, decide)
    case 'ping-misconfigured': {
      const event = publish({ type: 'misconfigured', error: signal.error })
      return andThen(stay(record(state, 'misconfigured', now), event), (next) => decide(next, signal))
    }
  }
}

function fail(
  state: MachineState,
  signal: SignalOf<'ping-failed'>,
  decide: (state: MachineState, signal: Signal) => Step,
): Step {
  const event = publish({ type: 'ping-failed', error: signal.error, inconclusive: false })
  return andThen(stay(state, event), (next) => decide(next, signal))
}

function handleInconclusive(
  state: MachineState,
  signal: SignalOf<'ping-inconclusive'>,
  now: number,
  decide: (state: MachineState, signal: Signal) => Step,
): Step {
  const run = state.inconclusiveRun + (signal.counts ? 1 : 0)
  const inconclusiveRun = Math.min(run, INCONCLUSIVE_TO_COUNT)
  const keepRun = (next: MachineState): Step => stay({ ...next, inconclusiveRun })
  if (signal.counts && inconclusiveRun === INCONCLUSIVE_TO_COUNT)
    return andThen(handlePing(state, { type: 'ping-failed', error: signal.error }, now, decide), keepRun)
  const event = publish({ type: 'ping-failed', error: signal.error, inconclusive: true })
  return andThen(stay(record(state, 'inconclusive', now), event), keepRun)
}

function record(state: MachineState, result: PingResultName, now: number): MachineState {
  return { ...state, lastPing: { at: now, result }, inconclusiveRun: 0 }
}
