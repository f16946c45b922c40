/*
 * The legal edges, as data: the machine checks itself against them in a property test, docs/state-machine.md is
 * checked against them, and nothing else in the repository lists them.
 */
import type { CircuitName, FailoverName } from './state.ts'

export interface Edge<Name extends string> {
  readonly from: Name
  readonly to: Name
  readonly when: string
}

/** Computed from evidence alone, and - derived from it - what users see. */
export const circuitEdges = [
  { from: 'closed', to: 'open', when: 'enough failed pings in a row, or the trip rule of calls, or a hold' },
  { from: 'open', to: 'closed', when: 'enough good pings in a row and the open time has passed, or a hold' },
  {
    from: 'open',
    to: 'half-open',
    when: 'a call comes after the open time has passed in silence and no ping decides',
  },
  { from: 'half-open', to: 'closed', when: 'enough trials or pings in a row were good' },
  { from: 'half-open', to: 'open', when: 'a trial failed or was late, or a ping failed' },
] as const satisfies readonly Edge<CircuitName>[]

export const failoverEdges = [
  { from: 'idle', to: 'failing-over', when: 'the service is down and there is something to fail over' },
  { from: 'failing-over', to: 'failed-over', when: 'failover() fulfilled' },
  { from: 'failing-over', to: 'idle', when: 'failover() threw or timed out; what it applied is undone' },
  { from: 'failing-over', to: 'recovering', when: 'failover() fulfilled and the service is up by now' },
  { from: 'failed-over', to: 'recovering', when: 'the service is up' },
  { from: 'recovering', to: 'idle', when: 'recover() fulfilled' },
  { from: 'recovering', to: 'failed-over', when: 'recover() threw or timed out' },
  { from: 'recovering', to: 'failing-over', when: 'recover() fulfilled and the service is down by now' },
  { from: 'idle', to: 'recovering', when: 'a failover() that had timed out fulfilled late' },
  { from: 'failed-over', to: 'idle', when: 'a recover() that had timed out fulfilled late' },
  { from: 'failed-over', to: 'failing-over', when: 'the same, and the service is down by now' },
] as const satisfies readonly Edge<FailoverName>[]

export function isLegal<Name extends string>(edges: readonly Edge<Name>[], from: Name, to: Name): boolean {
  return from === to || edges.some((edge) => edge.from === from && edge.to === to)
}
