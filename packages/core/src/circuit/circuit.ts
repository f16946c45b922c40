import type { Clock, Timer } from '../clock/clock.ts'
import { runOutsideRequests } from '../clock/outside-requests.ts'
import { nextDeadline } from '../machine/deadlines.ts'
import type { CallRefusedEvent } from '../events/events.ts'
import type { Effect, MachineEvent, Step } from '../machine/effect.ts'
import type { Deadline } from '../machine/region.ts'
import type { Rules } from '../machine/rules.ts'
import type { Signal } from '../machine/signal.ts'
import type { MachineState } from '../machine/state.ts'

/** What the machine says to one call. */
export type CallAnswer = Extract<Effect, { readonly type: 'admit' | 'rescue' | 'refuse' }>

/** What a circuit tells: what the machine decided, and the calls that were refused for it. */
export type CircuitEvent = MachineEvent | Omit<CallRefusedEvent, 'at' | 'service'>

/**
 * The shell round the machine. For each signal: ask the machine, commit, publish, run the effects in order. A signal
 * that arrives meanwhile is queued, never recursive. At most one timer, and none while nothing is to happen.
 */
export abstract class Circuit {
  readonly name: string
  readonly clock: Clock
  #rules: Rules
  #state: MachineState
  #isActive: boolean
  /** There while a signal is being dealt with. */
  #queue: Signal[] | undefined
  #answer: CallAnswer | undefined
  #timer: Timer | undefined
  #wakeAt: number | undefined

  constructor(name: string, clock: Clock, rules: Rules, state: MachineState, isActive: boolean) {
    this.name = name
    this.clock = clock
    this.#rules = rules
    this.#state = state
    this.#isActive = isActive
  }

  /** A new object after each change, and only then. */
  get state(): MachineState {
    return this.#state
  }

  /** The state as it is by now: what has fallen due is passed, though nobody has come by. Reading changes nothing. */
  get stateNow(): MachineState {
    const now = this.clock.now()
    if (!this.#isActive || this.deadlineAt > now) return this.#state
    return this.decide(this.#state, { type: 'time-passed' }, this.#rules, now).state
  }

  get rules(): Rules {
    return this.#rules
  }

  set rules(rules: Rules) {
    this.#rules = rules
    this.#state = { ...this.#state }
  }

  /** Whether anything still happens: not after `stop()`, nor where it is disabled. */
  get isActive(): boolean {
    return this.#isActive
  }

  dispatch(signal: Signal): void {
    if (!this.#isActive) return
    if (this.#queue !== undefined) return void this.#queue.push(signal)
    runOutsideRequests(() => this.#drain(signal))
  }

  /** Asks what becomes of one call. One that comes out of a listener is never a trial: the state is not settled yet. */
  meetCall(): CallAnswer {
    if (this.#queue !== undefined) return this.#answerUnsettled()
    this.dispatch({ type: 'call' })
    const answer = this.#answer ?? { type: 'admit', generation: this.#state.generation }
    this.#answer = undefined
    return answer
  }

  /** A call met a service that is not closed, or is held. */
  meetTrouble(): void {}

  /** A call succeeded. */
  noteTraffic(): void {}

  /** When the state next changes by itself. */
  get deadlineAt(): number {
    return nextDeadline(this.#state, this.deadlines(this.#state))?.at ?? Infinity
  }

  abstract publish(event: CircuitEvent): void
  /** Whether anybody listens to events of this type. */
  abstract hears(type: CircuitEvent['type']): boolean
  protected abstract decide(state: MachineState, signal: Signal, rules: Rules, now: number): Step
  /** Whether time alone may act. */
  protected abstract get hasTimer(): boolean

  protected deadlines(_state: MachineState): readonly Deadline[] {
    return []
  }

  /** What else is asked for; publishing and answering are done here. */
  protected run(_effect: Effect): void {}

  /** A signal has been dealt with. */
  protected settled(_signal: Signal): void {}

  /** When the timer is to ring. */
  protected get nextAt(): number {
    return this.deadlineAt
  }

  /** The timer rings. */
  protected wake(): void {
    this.dispatch({ type: 'time-passed' })
  }

  protected deactivate(): void {
    this.#isActive = false
    this.#state = { ...this.#state }
    this.#timer?.cancel()
  }

  protected rearm(): void {
    if (!this.#isActive || this.#queue !== undefined) return
    const wakeAt = this.hasTimer ? this.nextAt : Infinity
    if (wakeAt === (this.#wakeAt ?? Infinity)) return
    this.#timer?.cancel()
    this.#wakeAt = wakeAt
    if (wakeAt !== Infinity) this.#sleepUntil(wakeAt)
  }

  #drain(first: Signal): void {
    const queue = (this.#queue = [first])
    try {
      for (let signal = queue.shift(); signal !== undefined; signal = queue.shift())
        if (this.#isActive) this.#step(signal)
    } finally {
      this.#queue = undefined
      this.rearm()
    }
  }

  /** A listener may have unregistered the service, or closed everything: then nothing more is done. */
  #step(signal: Signal): void {
    const { state, effects } = this.decide(this.#state, signal, this.#rules, this.clock.now())
    this.#state = state
    for (const effect of effects) if (effect.type === 'publish' && this.#isActive) this.publish(effect.event)
    for (const effect of effects) if (this.#isActive) this.#run(effect)
    this.settled(signal)
  }

  #run(effect: Effect): void {
    if (isAnswer(effect)) this.#answer = effect
    else this.run(effect)
  }

  #answerUnsettled(): CallAnswer {
    const { effects } = this.decide(this.#state, { type: 'call' }, this.#rules, this.clock.now())
    const answer = effects.find(isAnswer)
    const isTrial = answer?.type === 'admit' && answer.trial !== undefined
    return answer === undefined || isTrial ? { type: 'refuse', retryAfterMs: 0 } : answer
  }

  #sleepUntil(wakeAt: number): void {
    const ring = (): void => {
      this.#wakeAt = undefined
      this.wake()
    }
    this.#timer = this.clock.startTimer(ring, Math.max(0, wakeAt - this.clock.now()))
  }
}

function isAnswer(effect: Effect): effect is CallAnswer {
  return effect.type === 'admit' || effect.type === 'rescue' || effect.type === 'refuse'
}
