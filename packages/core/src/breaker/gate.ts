import type { Circuit } from '../circuit/circuit.ts'
import type { Clock } from '../clock/clock.ts'
import type { DeadlineList } from '../clock/deadline-list.ts'
import { CircuitOpenError } from '../errors.ts'
import { ADMIT, retryAt, standingAnswer, type StandingAnswer } from '../machine/admission.ts'
import type { MachineState } from '../machine/state.ts'
import { callable } from '../options/validate.ts'
import { IdleAccount, type Account } from './account.ts'
import type { CallerSignals } from './caller-signals.ts'
import type { GateCounts } from './gate-counts.ts'
import type { GateConfig } from './gate-config.ts'
import { GateExtras } from './gate-extras.ts'
import { askedOpenMs, guarded } from './judge.ts'
import { Round } from './round.ts'
import { Trial } from './trial.ts'
import { TrialScope } from './trial-scope.ts'
import type { Tally } from './trip-rule.ts'
import { withoutStack } from './without-stack.ts'

/**
 * Stands between callers and a circuit: asks whether a call may pass, and reports what became of it. It never decides.
 * As long as the circuit's state is the one that it has seen nobody need be asked, which is what makes a call cheap.
 */
export class Gate {
  readonly circuit: Circuit
  readonly config: GateConfig
  #seen: MachineState | undefined
  #standing: StandingAnswer | undefined
  /** The calls of the latest period in which they were evidence. */
  #round: Round | undefined
  #lean: Round | undefined
  #isClosed = false
  #extras: GateExtras | undefined

  constructor(circuit: Circuit, config: GateConfig) {
    this.circuit = circuit
    this.config = config
  }

  /** Where the next call is booked if it may simply be made, and nothing about it need be measured or awaited. */
  get leanRound(): Round | undefined {
    if (this.#seen !== this.circuit.state) this.#look()
    return this.#lean
  }

  /** Whether calls pass untouched, as if there were no gate. */
  get isPassing(): boolean {
    return this.#isClosed || !this.circuit.isActive
  }

  get clock(): Clock {
    return this.circuit.clock
  }

  /** When a call starts; undefined where calls are not timed. */
  get startTime(): number | undefined {
    return this.config.isTimed ? this.clock.now() : undefined
  }

  get counts(): GateCounts {
    return this.#rest.counts
  }

  get deadlines(): DeadlineList {
    return this.#rest.deadlines
  }

  get callerSignals(): CallerSignals {
    return this.#rest.callerSignals
  }

  get scope(): TrialScope {
    return (this.#rest.scope ??= new TrialScope())
  }

  /** @returns where the call is to be booked; undefined if it is refused */
  admit(): Account | undefined {
    if (this.#seen !== this.circuit.state) this.#look()
    return this.#standing === ADMIT ? this.#round : this.#admitInTrouble()
  }

  /** Why a call is refused, made without a stack trace: that would cost more than all the rest. */
  refusal(): CircuitOpenError {
    const { name, state } = this.circuit
    const retryAfterMs = this.#retryAfterMs
    const cause = this.#thrownCause ?? state.outage?.error ?? state.lastError
    return withoutStack(() => new CircuitOpenError(name, retryAfterMs, { cause }))
  }

  /** @returns whether the failure is evidence: one that comes from an earlier period is not */
  noteFailure(generation: number): boolean {
    const isCurrent = generation === this.circuit.state.generation
    if (!isCurrent) this.counts.late += 1
    return isCurrent
  }

  /** The trip rule wants the circuit open. */
  trip(generation: number, error: unknown, subject: unknown): void {
    const openMs = askedOpenMs(this, subject)
    this.#rest.cause = error
    this.circuit.dispatch({ type: 'calls-tripped', generation, error: this.config.describe(error), openMs })
    this.#rest.causeOf = this.circuit.state.outage?.since
  }

  /** A function of the user's threw. Once is enough: it would throw with every call. */
  report(what: string, trouble: unknown): void {
    if (this.#rest.hasReported) return
    this.#rest.hasReported = true
    const { name, message } = this.config.describe(trouble)
    process.emitWarning(`${what} of ${this.circuit.name} failed: ${name}: ${message}`, 'FailoverWarning')
  }

  /** From now on calls pass untouched. */
  close(): void {
    this.#isClosed = true
    this.#seen = undefined
    this.#extras?.deadlines.rest()
  }

  #look(): void {
    const { circuit } = this
    const { state, rules } = circuit
    this.#standing = this.isPassing ? undefined : standingAnswer(state, rules, circuit.deadlineAt)
    const round = this.#standing === ADMIT ? this.#roundOf(state.generation) : undefined
    this.#lean = this.config.isLean ? round : undefined
    this.#seen = state
  }

  #roundOf(generation: number): Round {
    if (this.#round?.generation === generation) return this.#round
    return (this.#round = new Round(this, generation, this.#startTally()))
  }

  #startTally(): Tally {
    const { tripRule } = this.config
    return guarded(this, 'tripRule.start', () => checked(tripRule.start(this.clock)), NO_TALLY)
  }

  /** What pings found has never been thrown at anybody: then there is only its summary. */
  get #thrownCause(): unknown {
    const { outage } = this.circuit.state
    const { cause, causeOf } = this.#rest
    return outage?.cause === 'calls' && outage.since === causeOf ? cause : undefined
  }

  #admitInTrouble(): Account | undefined {
    if (this.isPassing) return this.#idle()
    const standing = this.#standing
    if (standing === undefined || this.clock.now() >= standing.until) return this.#ask()
    if (standing.answer === 'admit') return this.#roundOf(this.circuit.state.generation)
    this.circuit.meetTrouble()
    return standing.answer === 'rescue' ? this.#rescue() : this.#refuse()
  }

  #ask(): Account | undefined {
    const answer = this.circuit.meetCall()
    switch (answer.type) {
      case 'admit':
        return answer.trial === undefined
          ? this.#admitHeld(answer.generation)
          : this.#admitTrial(answer.generation, answer.trial)
      case 'rescue':
        return this.#rescue()
      case 'refuse':
        return this.#refuse()
    }
  }

  /** A hold lets it pass. Its outcome is evidence while the circuit beneath is closed. */
  #admitHeld(generation: number): Account {
    if (this.circuit.state.circuit.name === 'closed') return this.#roundOf(generation)
    this.counts.wouldRefuse += 1
    this.#tellRefusal(true)
    return this.#idle()
  }

  #admitTrial(generation: number, trial: number): Account {
    this.counts.trials += 1
    return new Trial(this, generation, trial)
  }

  #rescue(): Account {
    this.counts.rescued += 1
    return this.#idle()
  }

  /** A call from inside a trial rides on its permit. */
  #refuse(): Account | undefined {
    if (this.#isInsideTrial) return this.#idle()
    this.counts.refused += 1
    this.#tellRefusal(false)
    return undefined
  }

  get #isInsideTrial(): boolean {
    const { circuit } = this.circuit.state
    const trial = circuit.name === 'half-open' ? this.#extras?.scope?.trial : undefined
    return (
      trial !== undefined && circuit.name === 'half-open' && circuit.trials.some(({ id }) => id === trial.id)
    )
  }

  #tellRefusal(observed: boolean): void {
    const { circuit } = this
    if (this.#rest.isTelling || !circuit.hears('call-refused')) return
    this.#rest.isTelling = true
    circuit.publish({ type: 'call-refused', retryAfterMs: this.#retryAfterMs, observed })
    this.#rest.isTelling = false
  }

  get #rest(): GateExtras {
    return (this.#extras ??= new GateExtras(this.clock))
  }

  #idle(): Account {
    return new IdleAccount(this)
  }

  get #retryAfterMs(): number {
    const { state, rules, clock } = this.circuit
    const now = clock.now()
    return Math.max(0, retryAt(state, rules, now) - now)
  }
}

/** A rule that does not start trips nothing. */
const NO_TALLY: Tally = { succeeded: () => false, failed: () => false }

function checked(tally: Tally): Tally {
  callable('succeeded', tally.succeeded)
  callable('failed', tally.failed)
  return tally
}
