import { describe, expect, it } from 'vitest'
import { drive, refused, reset } from './test-support.ts'

describe('a closed circuit', () => {
  it('stays closed while fewer pings have failed in a row than it takes', () => {
    const service = drive({ failuresToOpen: 3 }).ping('failed', 'failed')
    expect(service.visible).toBe('closed')
    expect(service.edges).toEqual([])
  })

  it('opens exactly at the ping that completes the run', () => {
    const service = drive({ failuresToOpen: 3 }).ping('failed', 'failed', 'failed')
    expect(service.visible).toBe('open')
    expect(service.state.circuit).toMatchObject({ cause: 'ping', minimumOpenMs: 0, goodRun: 0 })
  })

  it('starts to count anew after one good ping', () => {
    const service = drive({ failuresToOpen: 3 }).ping('failed', 'failed', 'good', 'failed', 'failed')
    expect(service.visible).toBe('closed')
    expect(service.ping('failed').visible).toBe('open')
  })

  it('keeps its run of failed pings through pings that prove nothing', () => {
    const service = drive({ failuresToOpen: 2 }).ping('failed', 'inconclusive', 'misconfigured', 'starved')
    expect(service.visible).toBe('closed')
    expect(service.ping('failed').visible).toBe('open')
  })

  it('opens on the word of the trip rule, and its open time binds at once', () => {
    const service = drive().trip()
    expect(service.visible).toBe('open')
    expect(service.state.circuit).toMatchObject({ cause: 'calls', minimumOpenMs: 60_000 })
    expect(service.events('outage-began')).toMatchObject([{ cause: 'calls', error: reset }])
  })

  it('does not open on the word of calls that were admitted before the last edge', () => {
    const service = drive().ping('failed', 'good')
    expect(service.trip(0).visible).toBe('closed')
    expect(service.state.ignored).toBe(1)
    expect(service.state.lastError).toEqual(refused)
    expect(service.trip().visible).toBe('open')
  })

  it('begins a new generation with each opening and each closing', () => {
    const generations = [drive(), drive().ping('failed'), drive().ping('failed', 'good')]
    expect(generations.map(({ state }) => state.generation)).toEqual([0, 1, 2])
  })

  it('counts what the table does not list, and changes nothing else', () => {
    const before = drive().state
    const after = drive().signal({ type: 'trial-succeeded', generation: 0, trial: 1 }).state
    expect(after).toEqual({ ...before, ignored: 1 })
  })

  it('says what became visible, and how the outage began', () => {
    const service = drive().ping('failed')
    expect(service.told).toEqual(['ping-failed', 'circuit-changed', 'outage-began'])
    expect(service.events('outage-began')).toEqual([
      { type: 'outage-began', cause: 'ping', error: refused, failover: 'none' },
    ])
  })
})

describe('the level of a closed circuit (rule 5)', () => {
  const reopenAt = (ms: number) => drive().ping('failed', 'good').at(ms).ping('failed').state

  it('returns to 0 once it has stayed closed for the last open time', () => {
    expect(reopenAt(60_000)).toMatchObject({ openings: 1, openMs: 60_000, circuit: { minimumOpenMs: 0 } })
  })

  it('grows, and binds, when it opens again before that', () => {
    expect(reopenAt(59_999)).toMatchObject({
      openings: 2,
      openMs: 120_000,
      circuit: { minimumOpenMs: 120_000 },
    })
  })

  it('has to stay closed for the grown open time after a reopening', () => {
    const service = drive().ping('failed', 'good', 'failed').at(120_000).ping('good')
    expect(service.visible).toBe('closed')
    expect(service.at(239_999).timePasses().state.openings).toBe(2)
    expect(service.at(240_000).timePasses().state.openings).toBe(0)
  })

  const openTimes = (closedForMs: (openMs: number) => number): number[] => {
    const service = drive()
    return [1, 2, 3, 4].map(() => {
      const { openMs } = service.trip().state
      service.at(service.now + openMs).ping('good')
      service.at(service.now + closedForMs(openMs))
      return openMs
    })
  }

  it('grows up to the longest open time and no further', () => {
    expect(openTimes((openMs) => openMs - 1)).toEqual([60_000, 120_000, 200_000, 200_000])
  })

  it('does not grow where every outage stands alone', () => {
    expect(openTimes((openMs) => openMs)).toEqual([60_000, 60_000, 60_000, 60_000])
  })

  it('stays a number however often the circuit opens', () => {
    const service = drive({ openMs: 0, longestOpenMs: 0, hasPing: false }).trip()
    for (let opening = 0; opening < 1_100; opening++) service.call().trial('failed')
    expect(service.state.openMs).toBe(0)
    expect(service.projected).toBe('half-open')
  })
})
