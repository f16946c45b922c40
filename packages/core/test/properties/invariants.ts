/* What holds for every step of the machine, whatever came before. Plain checks: they run millions of times. */
import type { Effect, MachineEvent } from '../../src/machine/effect.ts'
import { visibleCircuit } from '../../src/machine/projection.ts'
import type { Rules } from '../../src/machine/rules.ts'
import type { Signal } from '../../src/machine/signal.ts'
import type { CircuitName, MachineState } from '../../src/machine/state.ts'
import { circuitEdges, failoverEdges, isLegal } from '../../src/machine/transition-table.ts'
import { checkCircuit } from './circuit-invariants.ts'

export interface CheckedStep {
  readonly before: MachineState
  readonly signal: Signal
  readonly rules: Rules
  readonly now: number
  readonly state: MachineState
  readonly effects: readonly Effect[]
  /** Whether a `failover()` has succeeded since the last success of `recover()`, this signal included. */
  readonly isApplied?: boolean
}

export function claim(holds: boolean, what: string, step: CheckedStep): void {
  if (!holds) throw new Error(`${what}\n${JSON.stringify(step)}`)
}

export function eventsOf(effects: readonly Effect[]): MachineEvent[] {
  return effects.flatMap((effect) => (effect.type === 'publish' ? [effect.event] : []))
}

export function checkStep(step: CheckedStep): void {
  claim(visibleCircuit(step.state) === definedCircuit(step.state), 'users see what is defined', step)
  checkVisibleEdges(step)
  checkOutages(step)
  checkFailover(step)
  checkCalls(step)
  checkCircuit(step)
}

/** The definition of what users see, written a second time. */
function definedCircuit({ hold, failover, circuit }: MachineState): CircuitName {
  const isWantedUp = hold?.kind === 'closed' || (hold?.kind !== 'open' && circuit.name === 'closed')
  if (failover.name !== 'idle') return 'open'
  if (isWantedUp) return 'closed'
  return hold === undefined ? circuit.name : 'open'
}

/** Each edge is legal, told, and begins where the one before it ended. */
function checkVisibleEdges(step: CheckedStep): void {
  let visible = visibleCircuit(step.before)
  for (const event of eventsOf(step.effects)) {
    if (event.type !== 'circuit-changed') continue
    claim(event.from === visible && event.from !== event.to, 'an edge begins where the service is', step)
    claim(isLegal(circuitEdges, event.from, event.to), `${event.from} -> ${event.to} is legal`, step)
    visible = event.to
  }
  claim(visible === visibleCircuit(step.state), 'every edge is told', step)
}

/** Beginnings and ends alternate; one is going on if and only if the service is not closed. */
function checkOutages(step: CheckedStep): void {
  const isObserved = step.state.hold?.kind === 'observe'
  let isGoingOn = step.before.outage !== undefined
  for (const event of eventsOf(step.effects)) {
    if (event.type !== 'outage-began' && event.type !== 'outage-ended') continue
    claim(isGoingOn === (event.type === 'outage-ended'), 'outages begin and end in turn', step)
    claim(!isObserved, 'no outage begins or ends under observe', step)
    isGoingOn = event.type === 'outage-began'
  }
  claim(isGoingOn === (step.state.outage !== undefined), 'every outage is told', step)
  const isUp = visibleCircuit(step.state) === 'closed'
  claim(isObserved || isGoingOn !== isUp, 'an outage lasts as long as the service is not closed', step)
}

function checkFailover(step: CheckedStep): void {
  const { before, state, effects, isApplied } = step
  const [from, to] = [before.failover.name, state.failover.name]
  claim(isLegal(failoverEdges, from, to), `${from} -> ${to} is legal`, step)
  const starts = effects.filter(({ type }) => type === 'run-failover' || type === 'run-recover')
  if (starts.length === 0) return
  claim(starts.length === 1, 'one hook runs at a time', step)
  claim(step.rules.hasFailover && state.hold?.kind !== 'observe', 'a hook may start', step)
  claim(!isWaiting(step), 'a hook waits for the one before it, and for its retry', step)
  const isFailover = starts[0]?.type === 'run-failover'
  claim(!isFailover || !hasTrial(state), 'no failover() disturbs a trial', step)
  if (isApplied !== undefined)
    claim(isFailover !== isApplied, 'failover() and recover() succeed in turn', step)
}

/** Only the end of the hook that is waited for shortens the wait. */
function isWaiting({ before: { failover }, signal, now }: CheckedStep): boolean {
  if ('attempt' in failover || signal.type.startsWith('hook-')) return false
  return (failover.retryAt ?? now) > now || (failover.unsettled?.until ?? now) > now
}

function hasTrial({ circuit }: MachineState): boolean {
  return circuit.name === 'half-open' && circuit.trials.length > 0
}

/** Every call gets one answer, and every one that meets trouble asks for a ping. */
function checkCalls(step: CheckedStep): void {
  const answers = step.effects.filter(
    ({ type }) => type === 'admit' || type === 'refuse' || type === 'rescue',
  )
  claim(answers.length === (step.signal.type === 'call' ? 1 : 0), 'a call has one answer', step)
  const [answer] = answers
  if (answer === undefined) return
  const isPlain = answer.type === 'admit' && answer.trial === undefined && step.state.hold === undefined
  const triggers = step.effects.some(({ type }) => type === 'trigger-ping')
  claim(triggers !== isPlain, 'a call that meets trouble triggers a due ping', step)
  if (answer.type === 'refuse') checkRefusal(step, answer.retryAfterMs)
}

function checkRefusal(step: CheckedStep, retryAfterMs: number): void {
  const { hold } = step.state
  claim(Number.isFinite(retryAfterMs) && retryAfterMs >= 0, 'a refusal says when to come again', step)
  const isAdmitting = hold !== undefined && hold.kind !== 'open'
  claim(!isAdmitting && visibleCircuit(step.state) !== 'closed', 'only trouble is refused', step)
}
