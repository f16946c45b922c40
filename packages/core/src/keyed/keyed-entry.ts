import type { GateConfig } from '../breaker/gate-config.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import type { Idle } from './idle-list.ts'
import type { KeyPlan } from './key-plan.ts'
import type { KeyedCircuit } from './keyed-circuit.ts'
import { KeyedGate } from './keyed-gate.ts'

/** A circuit, its gate, and who is using it. */
export class KeyedEntry implements Idle {
  readonly key: string
  readonly circuit: KeyedCircuit
  readonly gate: KeyedGate
  readonly breaker: CircuitBreaker
  /** Calls and permits in flight. */
  uses = 0
  previousIdle: this | undefined = undefined
  nextIdle: this | undefined = undefined
  isListed = false

  constructor(key: string, circuit: KeyedCircuit, config: GateConfig, plan: KeyPlan) {
    this.key = key
    this.circuit = circuit
    this.gate = new KeyedGate(circuit, config, plan.ends)
    this.breaker = new CircuitBreaker({ name: circuit.name }, { circuit, gate: this.gate })
  }

  /** When its hold ends: 0 if there is none any more, Infinity if it does not end by itself. */
  get heldUntil(): number {
    const { clock, state } = this.circuit
    if (state.hold === undefined) return 0
    const { expiresAt = Infinity } = state.hold
    return clock.now() < expiresAt ? expiresAt : 0
  }

  /** Whether nothing would be lost with it: it is closed, nobody holds it and nobody uses it. */
  get isIdle(): boolean {
    return this.uses === 0 && this.circuit.state.circuit.name === 'closed' && this.heldUntil === 0
  }
}
