/* What holds for every step of the computed circuit. */
import type { ClosedCircuit, HalfOpenCircuit, OpenCircuit } from '../../src/machine/state.ts'
import { circuitEdges, isLegal } from '../../src/machine/transition-table.ts'
import { claim, type CheckedStep } from './invariants.ts'

export function checkCircuit(step: CheckedStep): void {
  const { before, state } = step
  claim(isLegal(circuitEdges, before.circuit.name, state.circuit.name), 'the computed edge is legal', step)
  const isClosing = before.circuit.name !== 'closed' && state.circuit.name === 'closed'
  const generations = state.generation - before.generation
  claim(isClosing ? generations > 0 : generations >= 0, 'generations grow', step)
  checkRuns(step)
  if (step.signal.type.startsWith('shared-')) return checkFollowing(step)
  if (before.circuit.name === 'open') checkLeavingOpen(step, before.circuit)
  if (state.circuit.name === 'open') checkOpen(step, state.circuit)
  if (state.circuit.name === 'half-open') checkHalfOpen(step, state.circuit)
}

/** Others move a circuit only where it has no evidence of its own. */
function checkFollowing(step: CheckedStep): void {
  const { before, state, signal } = step
  const onTime = before.circuit.name === 'half-open' && state.circuit !== before.circuit
  const hasOwnEvidence = before.circuit.name !== 'closed' && before.circuit.adopted !== true
  claim(!hasOwnEvidence || onTime || state.circuit === before.circuit, 'own evidence is kept', step)
  if (hasOwnEvidence || onTime) return
  const expected = signal.type === 'shared-opened' ? 'open' : 'closed'
  claim(state.circuit.name === expected, 'a circuit without evidence follows', step)
}

function checkRuns(step: CheckedStep): void {
  const { rules, signal } = step
  const { circuit, inconclusiveRun } = step.state
  claim(inconclusiveRun <= 3, 'the run of inconclusive pings is bounded', step)
  if (circuit.name === 'closed') {
    const longest = signal.type === 'ping-succeeded' ? 0 : rules.failuresToOpen - 1
    claim(circuit.badRun <= longest, 'a good ping ends the run of failures, which is bounded', step)
    return
  }
  const endsRun = signal.type === 'ping-failed' || signal.type === 'ping-misconfigured'
  const longest = endsRun ? 0 : rules.successesToClose
  claim(circuit.goodRun <= longest, 'a bad ping ends the run of successes, which is bounded', step)
}

function checkLeavingOpen(step: CheckedStep, opened: OpenCircuit): void {
  const { before, state, now } = step
  if (state.circuit.name === 'closed') {
    claim(now - opened.since >= opened.minimumOpenMs, 'the open time binds', step)
    claim(step.signal.type === 'ping-succeeded', 'only a good ping closes', step)
  }
  if (state.circuit.name !== 'half-open') return
  claim(step.signal.type === 'call', 'only a call opens half', step)
  claim(now - opened.quietSince >= before.openMs, 'half-open needs silence', step)
  claim(
    state.failover.name === 'idle' && state.hold?.kind !== 'open',
    'nothing stands in the way of a trial',
    step,
  )
  claim(!step.rules.hasPing || isUndecided(step), 'no ping decides', step)
}

function isUndecided({ before }: CheckedStep): boolean {
  return before.lastPing?.result === 'inconclusive' || before.lastPing?.result === 'misconfigured'
}

function checkOpen(step: CheckedStep, opened: OpenCircuit): void {
  const { circuit } = step.before
  if (circuit.name === 'closed') return checkOpening(step, opened, circuit)
  claim(opened.cause === circuit.cause, 'the cause is sticky', step)
  if (circuit.name === 'half-open') return checkReopening(step, opened)
  claim(opened.since === circuit.since, 'nothing restarts the open time', step)
  const isNoise = step.signal.type === 'ping-succeeded' || step.signal.type === 'ping-failed'
  claim(
    opened.quietSince === (isNoise ? step.now : circuit.quietSince) || isCounted(step),
    'a ping breaks the silence',
    step,
  )
  claim(opened.minimumOpenMs === circuit.minimumOpenMs, 'nothing shortens the open time', step)
}

/** An inconclusive ping that counts as failed. */
function isCounted({ signal, state }: CheckedStep): boolean {
  return signal.type === 'ping-inconclusive' && state.lastPing?.result === 'failed'
}

function checkOpening(step: CheckedStep, opened: OpenCircuit, closed: ClosedCircuit): void {
  const { before, state, rules, now } = step
  const isFirst = before.openings === 0 || now - closed.since >= before.openMs
  const openMs = Math.min(isFirst ? rules.openMs : before.openMs * 2, rules.longestOpenMs)
  const binds = opened.cause === 'calls' || !isFirst || rules.bindsFirstOpening
  claim(state.openMs === openMs, 'the level grows, or begins again', step)
  claim(
    opened.minimumOpenMs === (binds ? openMs : 0),
    'the open time binds all but the first word of pings',
    step,
  )
  claim(opened.goodRun === 0 && state.generation === before.generation + 1, 'an opening begins anew', step)
}

function checkReopening(step: CheckedStep, opened: OpenCircuit): void {
  const { before, state, rules } = step
  claim(state.openMs === Math.min(before.openMs * 2, rules.longestOpenMs), 'the open time grows', step)
  claim(opened.minimumOpenMs === state.openMs, 'and binds', step)
  const goodRun = step.signal.type === 'ping-succeeded' ? 1 : 0
  claim(
    opened.goodRun === goodRun && state.generation === before.generation + 1,
    'an opening begins anew',
    step,
  )
}

function checkHalfOpen(step: CheckedStep, halfOpen: HalfOpenCircuit): void {
  const { before, now, rules } = step
  const wasLate =
    before.circuit.name === 'half-open' && before.circuit.trials.some(({ deadline }) => deadline <= now)
  claim(halfOpen.trials.length <= rules.trials, 'trials are few', step)
  claim(
    halfOpen.trials.every(({ deadline }) => deadline > now),
    'every trial has a deadline to come',
    step,
  )
  const generation = before.generation + (wasLate ? 1 : 0)
  claim(step.state.generation === generation, 'half-open keeps the generation, but for a late trial', step)
  claim(before.circuit.name !== 'open' || halfOpen.goodRun === 0, 'its run begins anew', step)
}
