import { describe, expect, it } from 'vitest'
import { nextDeadline } from './deadlines.ts'
import { hookDeadlines } from './failover-region.ts'
import { pingIntervalMs } from './projection.ts'
import { drive, withHooks, withoutPing, type Drive } from './test-support.ts'

const interval = ({ state, rules }: Drive): number => pingIntervalMs(state, rules)

describe('the visible state', () => {
  it('is closed only where the service is wanted up and no hook has work left', () => {
    const service = drive(withHooks).ping('failed')
    const seen = [service.visible]
    seen.push(
      service.ping('good').visible,
      service.hook('fulfilled').visible,
      service.hook('fulfilled').visible,
    )
    expect(seen).toEqual(['open', 'open', 'open', 'closed'])
  })

  it('is not changed by being read', () => {
    const service = drive(withoutPing).trip().at(60_000)
    const before = structuredClone(service.state)
    expect([service.projected, service.projected]).toEqual(['half-open', 'half-open'])
    expect(service.state).toEqual(before)
  })

  it('is projected half-open without a hold only', () => {
    const service = drive(withoutPing).trip().hold('closed').at(60_000)
    expect(service.projected).toBe('closed')
    expect(service.hold('observe').projected).toBe('open')
    expect(service.unhold().projected).toBe('half-open')
  })

  it('is not projected half-open while a hook has work left', () => {
    expect(drive(withHooks).ping('failed', 'misconfigured').at(600_000).projected).toBe('open')
  })
})

describe('the time to the next ping', () => {
  it.each([
    ['while all is well', 120_000, drive().ping('good')],
    ['before the first', 120_000, drive()],
    ['while failed pings are counted', 5_000, drive({ failuresToOpen: 2 }).ping('failed')],
    ['in an outage', 30_000, drive().ping('failed')],
    ['while good pings are counted', 5_000, drive({ successesToClose: 2 }).ping('failed', 'good')],
    ['when the count is full but the open time is not over', 30_000, drive().trip().ping('good')],
    ['after an inconclusive one', 5_000, drive().ping('inconclusive')],
    ['after an inconclusive one in an outage', 5_000, drive().ping('failed', 'inconclusive')],
    ['after a misconfigured one', 120_000, drive().ping('misconfigured')],
    ['while half-open', 30_000, drive(withoutPing).trip().at(60_000).call()],
  ])('%s', (_, expected, service) => {
    expect(interval(service)).toBe(expected)
  })
})

describe('the next deadline', () => {
  const next = ({ state }: Drive): number | undefined => nextDeadline(state, hookDeadlines(state))?.at

  it('is none while all is well', () => {
    expect(next(drive().ping('good'))).toBeUndefined()
  })

  it('is the earliest of those that there are', () => {
    const service = drive(withHooks).ping('failed')
    expect(next(service)).toBe(3_600_000)
    expect(next(service.hook('timed-out'))).toBe(10_000)
    expect(next(service.hook('failed'))).toBe(30_000)
    expect(next(service.hold('open', { expiresAt: 20_000 }))).toBe(20_000)
  })

  it('is a trial’s, and the first of several', () => {
    const service = drive({ ...withoutPing, trials: 2 })
      .trip()
      .at(60_000)
      .call()
      .at(61_000)
      .call()
    expect(next(service)).toBe(80_000)
  })

  it('is the return of the level to 0 after an outage', () => {
    expect(next(drive().ping('failed').at(1_000).ping('good'))).toBe(61_000)
  })

  it('does not wait for the book of outages under observe', () => {
    expect(next(drive().ping('failed').hold('observe'))).toBeUndefined()
  })

  it('passes before the signal that comes at the same moment', () => {
    const service = drive(withHooks).hold('observe', { expiresAt: 1_000 }).at(1_000).ping('failed')
    expect(service.told).toEqual(['hold-changed', 'ping-failed', 'circuit-changed', 'outage-began'])
    expect(service.asked).toEqual(['run-failover'])
  })

  it('takes effect at its own time, however late it is noticed, where a trial is late', () => {
    const service = drive(withoutPing).trip().at(60_000).call().at(500_000).timePasses()
    expect(service.state.circuit).toMatchObject({ name: 'open', since: 80_000 })
  })
})
