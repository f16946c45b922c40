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

  /** Whether nothing would be lost with it: it is closed, nobody holds it and nobody uses it. */
  get isIdle(): boolean {
    const { circuit, hold } = this.circuit.state
    const isHeld = hold !== undefined && this.circuit.clock.now() < (hold.expiresAt ?? Infinity)
    return this.uses === 0 && !isHeld && circuit.name === 'closed'
  }
}
