import { describe, expect, it } from 'vitest'
import { drive, refused } from './test-support.ts'

describe('a ping', () => {
  it('that is good is nobody’s news', () => {
    const service = drive().at(5).ping('good')
    expect(service.effects).toEqual([])
    expect(service.state.lastPing).toEqual({ at: 5, result: 'good' })
  })

  it('that failed is told each time, with its error', () => {
    const service = drive({ failuresToOpen: 2 }).ping('failed', 'failed')
    const told = { type: 'ping-failed', error: refused, inconclusive: false }
    expect(service.events('ping-failed')).toEqual([told, told])
    expect(service.state.lastError).toEqual(refused)
  })
})

describe('an inconclusive ping', () => {
  it('changes no state and no run, and is told as such', () => {
    const service = drive().ping('inconclusive')
    expect([service.visible, service.told]).toEqual(['closed', ['ping-failed']])
    expect(service.events('ping-failed')).toMatchObject([{ inconclusive: true }])
    expect(service.state.lastError).toBeUndefined()
  })

  it('counts as failed from the third in a row on', () => {
    const service = drive({ failuresToOpen: 2 }).ping('inconclusive', 'inconclusive', 'inconclusive')
    expect(service.state).toMatchObject({ circuit: { badRun: 1 }, lastPing: { result: 'failed' } })
    expect(service.events('ping-failed').at(-1)).toMatchObject({ inconclusive: false })
    expect(service.ping('inconclusive').visible).toBe('open')
  })

  it.each(['good', 'failed', 'misconfigured'] as const)('is no more in a row after a %s one', (result) => {
    const service = drive({ failuresToOpen: 2 }).ping('inconclusive', 'inconclusive', result, 'good')
    expect(service.ping('inconclusive', 'inconclusive').events('ping-failed').at(-1)).toMatchObject({
      inconclusive: true,
    })
  })

  it('never counts where this host was short of its own resources', () => {
    const service = drive().ping('starved', 'starved', 'starved', 'starved')
    expect([service.visible, service.state.inconclusiveRun]).toEqual(['closed', 0])
  })

  it('does not count for that either after the third in a row', () => {
    const service = drive({ failuresToOpen: 2 }).ping(
      'inconclusive',
      'inconclusive',
      'inconclusive',
      'starved',
    )
    expect(service.visible).toBe('closed')
    expect(service.state.lastPing?.result).toBe('inconclusive')
  })

  it('has a run that does not grow for ever', () => {
    const service = drive().ping(
      'inconclusive',
      'inconclusive',
      'inconclusive',
      'inconclusive',
      'inconclusive',
    )
    expect(service.state.inconclusiveRun).toBe(3)
  })
})

describe('a misconfigured ping', () => {
  it('is loud, and no evidence', () => {
    const service = drive().ping('misconfigured')
    expect([service.visible, service.told]).toEqual(['closed', ['misconfigured']])
    expect(service.state.lastPing?.result).toBe('misconfigured')
  })

  it('never closes an open circuit', () => {
    expect(drive().ping('failed', 'misconfigured', 'misconfigured').visible).toBe('open')
  })
})
