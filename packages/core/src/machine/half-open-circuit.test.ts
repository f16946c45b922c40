import { describe, expect, it } from 'vitest'
import type { Rules } from './rules.ts'
import { drive, withoutPing, type Drive } from './test-support.ts'

/** Tripped at 0, half-open since 60 000 with one trial, due at 80 000. */
const halfOpen = (changes: Partial<Rules> = {}): Drive =>
  drive({ ...withoutPing, ...changes })
    .trip()
    .at(60_000)
    .call()

describe('a half-open circuit', () => {
  it('closes when the trial succeeds', () => {
    const service = halfOpen().at(61_000).trial('succeeded')
    expect(service.visible).toBe('closed')
    expect(service.state.generation).toBe(2)
    expect(service.edges).toEqual(['closed -> open', 'open -> half-open', 'half-open -> closed'])
    expect(service.events('outage-ended')).toEqual([{ type: 'outage-ended', durationMs: 61_000 }])
  })

  it('closes at the trial that completes the run (rule 10)', () => {
    const service = halfOpen({ successesToClose: 2 }).trial('succeeded')
    expect(service.visible).toBe('half-open')
    expect(service.call().trial('succeeded').visible).toBe('closed')
  })

  it('counts good pings in the same run', () => {
    const service = halfOpen({ successesToClose: 2 }).ping('good')
    expect(service.visible).toBe('half-open')
    expect(service.trial('succeeded').visible).toBe('closed')
  })

  it('begins its run anew after a misconfigured ping, and not after an inconclusive one', () => {
    const rules = { successesToClose: 2 }
    expect(halfOpen(rules).ping('good', 'misconfigured').trial('succeeded').visible).toBe('half-open')
    expect(halfOpen(rules).ping('good', 'inconclusive').trial('succeeded').visible).toBe('closed')
  })

  it('reopens when one trial fails, for twice as long, for the same cause', () => {
    const service = halfOpen().at(65_000).trial('failed')
    expect(service.visible).toBe('open')
    expect(service.state).toMatchObject({
      generation: 2,
      openMs: 120_000,
      circuit: { cause: 'calls', since: 65_000, quietSince: 65_000, minimumOpenMs: 120_000 },
    })
    expect([service.at(184_999).projected, service.at(185_000).projected]).toEqual(['open', 'half-open'])
  })

  it('reopens when a trial is late: at its deadline, not before', () => {
    const service = halfOpen()
    expect(service.at(79_999).timePasses().visible).toBe('half-open')
    expect(service.at(80_000).timePasses().visible).toBe('open')
    expect(service.state.openMs).toBe(120_000)
  })

  it('hears a late trial no more', () => {
    const service = halfOpen().at(80_000).trial('succeeded')
    expect(service.visible).toBe('open')
    expect(service.state.ignored).toBe(1)
  })

  it('reopens when a ping fails, whose trials are late from then on', () => {
    const service = halfOpen({ successesToClose: 2, trials: 2 }).call().ping('failed')
    expect(service.visible).toBe('open')
    const before = service.state
    expect(service.trial('failed').state).toEqual({ ...before, ignored: 1 })
  })

  it('keeps "opened by pings" as its cause', () => {
    const service = drive().ping('failed', 'inconclusive').at(60_000).call().trial('failed')
    expect(service.state.circuit).toMatchObject({ name: 'open', cause: 'ping', minimumOpenMs: 120_000 })
  })

  it('gives the permit of an ignored trial back', () => {
    const service = halfOpen().trial('ignored')
    expect(service.visible).toBe('half-open')
    expect(service.call().asked).toEqual(['admit', 'trigger-ping'])
  })

  it('counts an ignored trial for nothing', () => {
    const service = halfOpen({ successesToClose: 2 }).trial('ignored').call().trial('succeeded')
    expect(service.visible).toBe('half-open')
  })

  it('hears a trial that has already settled no more', () => {
    const service = halfOpen({ successesToClose: 2 }).trial('succeeded').trial('succeeded')
    expect(service.visible).toBe('half-open')
    expect(service.state.ignored).toBe(1)
  })

  it('hears the trial of an earlier opening no more', () => {
    const service = halfOpen()
    const early = service.latestTrial
    service.trial('failed').at(180_000).call()
    expect(service.trial('failed', early).visible).toBe('half-open')
    expect(service.trial('succeeded').visible).toBe('closed')
  })

  it('does not open on the word of the trip rule: trials decide', () => {
    expect(halfOpen().trip().visible).toBe('half-open')
  })

  it('closes on one good ping without a trial', () => {
    expect(halfOpen().ping('good').visible).toBe('closed')
  })
})
