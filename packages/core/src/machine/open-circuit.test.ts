import { describe, expect, it } from 'vitest'
import { drive, refused, withoutPing } from './test-support.ts'

describe('a circuit that pings opened', () => {
  it('closes exactly at the good ping that completes the run', () => {
    const service = drive({ successesToClose: 3 }).ping('failed', 'good', 'good')
    expect(service.visible).toBe('open')
    expect(service.ping('good').visible).toBe('closed')
    expect(service.told).toEqual(['circuit-changed', 'outage-ended'])
  })

  it('starts to count anew after one failed ping', () => {
    const service = drive({ successesToClose: 2 }).ping('failed', 'good', 'failed', 'good')
    expect(service.visible).toBe('open')
    expect(service.ping('good').visible).toBe('closed')
  })

  it('starts to count anew after a misconfigured ping, and not after an inconclusive one', () => {
    const rules = { successesToClose: 2 }
    expect(drive(rules).ping('failed', 'good', 'misconfigured', 'good').visible).toBe('open')
    expect(drive(rules).ping('failed', 'good', 'inconclusive', 'good').visible).toBe('closed')
    expect(drive(rules).ping('failed', 'good', 'starved', 'good').visible).toBe('closed')
  })

  it('need not wait for its open time at its first opening', () => {
    expect(drive().ping('failed').at(1).ping('good').visible).toBe('closed')
  })

  it('waits for it at its first opening too where a minimum was asked for', () => {
    const service = drive({ bindsFirstOpening: true }).ping('failed')
    expect(service.at(59_999).ping('good').visible).toBe('open')
    expect(service.at(60_000).ping('good').visible).toBe('closed')
  })

  it('waits for the grown one from its first reopening on (rule 5)', () => {
    const service = drive().ping('failed', 'good', 'failed')
    expect(service.at(119_999).ping('good').visible).toBe('open')
    expect(service.at(120_000).ping('good').visible).toBe('closed')
  })

  it('keeps the good pings that came before the open time had passed', () => {
    const service = drive({ successesToClose: 3 }).trip().at(30_000).ping('good', 'good', 'good', 'good')
    expect(service.visible).toBe('open')
    expect(service.at(60_000).ping('good').visible).toBe('closed')
  })

  it('opens no wider: the word of the trip rule changes nothing', () => {
    const service = drive().ping('failed')
    const before = service.state
    expect(service.at(5).trip().state).toEqual({ ...before, ignored: 1 })
  })
})

describe('a circuit that calls opened (gray failure)', () => {
  it('is not closed by a good ping before its open time has passed', () => {
    const service = drive().trip()
    expect(service.at(59_999).ping('good').visible).toBe('open')
    expect(service.at(60_000).ping('good').visible).toBe('closed')
  })

  it('stays opened by calls when a ping fails, and its open time neither ends nor starts anew (rule 6)', () => {
    const service = drive().trip().at(40_000).ping('failed')
    expect(service.state.circuit).toMatchObject({ cause: 'calls', since: 0, minimumOpenMs: 60_000 })
    expect(service.at(59_999).ping('good').visible).toBe('open')
    expect(service.at(60_000).ping('good').visible).toBe('closed')
  })
})

describe('opening half needs silence (rule 7)', () => {
  const dueAt = (service: ReturnType<typeof drive>, ms: number) => service.at(ms).projected === 'half-open'

  it('is due once the open time has passed, where there is no ping', () => {
    const service = drive(withoutPing).trip()
    expect([dueAt(service, 59_999), dueAt(service, 60_000)]).toEqual([false, true])
  })

  it('never comes while pings decide', () => {
    const service = drive().ping('failed')
    expect(dueAt(service, 10_000_000)).toBe(false)
    expect(service.call().asked).toEqual(['refuse', 'trigger-ping'])
    expect(dueAt(drive().trip(), 10_000_000)).toBe(false)
    expect(dueAt(drive().trip().ping('good'), 10_000_000)).toBe(false)
  })

  it.each(['inconclusive', 'misconfigured', 'starved'] as const)(
    'comes when the last ping was %s, and none has decided anything for the open time',
    (result) => {
      const service = drive().ping('failed').at(30_000).ping('failed').at(60_000).ping(result)
      expect([dueAt(service, 89_999), dueAt(service, 90_000)]).toEqual([false, true])
    },
  )

  it('counts a good ping as a noise too', () => {
    const service = drive({ successesToClose: 9 }).trip().at(40_000).ping('good', 'inconclusive')
    expect([dueAt(service, 99_999), dueAt(service, 100_000)]).toEqual([false, true])
  })

  it('is open to every signal until a call comes', () => {
    const service = drive(withoutPing).trip().at(60_000)
    expect([service.projected, service.visible]).toEqual(['half-open', 'open'])
    expect(service.ping('good').visible).toBe('closed')
    expect(service.edges).toEqual(['closed -> open', 'open -> closed'])
  })

  it('is committed, and told, with the first trial', () => {
    const service = drive(withoutPing).trip().at(60_000).call()
    expect(service.effects).toMatchObject([
      { type: 'admit', generation: 1, trial: service.latestTrial },
      { type: 'trigger-ping' },
      { type: 'publish', event: { type: 'circuit-changed', from: 'open', to: 'half-open', observed: false } },
    ])
    expect(service.state.circuit).toMatchObject({
      trials: [{ id: service.latestTrial, deadline: 80_000 }],
      cause: 'calls',
    })
  })
})

describe('the book of an open circuit', () => {
  it('remembers the latest error of a ping, and leaves the cause alone', () => {
    const service = drive().trip().ping('failed')
    expect(service.state).toMatchObject({ lastError: refused, outage: { cause: 'calls' } })
  })
})
