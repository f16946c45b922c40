import { describe, expect, it } from 'vitest'
import { drive, withHooks, withoutPing, type Drive } from './test-support.ts'

const retryAfterMs = (service: Drive): number | undefined =>
  service.effects.flatMap((effect) => (effect.type === 'refuse' ? [effect.retryAfterMs] : []))[0]

describe('a call', () => {
  it('passes through a closed circuit with its generation, and changes nothing', () => {
    const service = drive().ping('failed', 'good')
    const before = service.state
    expect(service.call().effects).toEqual([{ type: 'admit', generation: 2 }])
    expect(service.state).toBe(before)
  })

  it('is refused by an open one, and triggers a due ping (rule 4)', () => {
    expect(drive().ping('failed').call().asked).toEqual(['refuse', 'trigger-ping'])
  })

  it('is refused while failover() runs: there is no standby yet', () => {
    expect(drive(withHooks).ping('failed').call().asked).toEqual(['refuse', 'trigger-ping'])
  })

  it('is rescued while failed over, and triggers a due ping', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled')
    expect(service.call().asked).toEqual(['rescue', 'trigger-ping'])
  })

  it('is rescued while recover() runs', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled').ping('good')
    expect(service.call().asked).toEqual(['rescue', 'trigger-ping'])
  })

  it('is no trial while failed over, however silent it was', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled').ping('misconfigured').at(900_000)
    expect(service.call().asked).toEqual(['rescue', 'trigger-ping'])
    expect(service.circuit).toBe('open')
  })

  it('is no trial while failover() runs', () => {
    const service = drive(withHooks).ping('failed', 'misconfigured').at(900_000)
    expect(service.call().asked).toEqual(['refuse', 'trigger-ping'])
  })
})

describe('trials', () => {
  const due = (trials: number): Drive =>
    drive({ ...withoutPing, trials })
      .trip()
      .at(60_000)

  it('are as many at once as are allowed; the rest is refused', () => {
    const service = due(2).call().call()
    expect(service.state.circuit).toMatchObject({ trials: [{ id: 1 }, { id: 2 }] })
    expect(service.call().asked).toEqual(['refuse', 'trigger-ping'])
  })

  it('trigger a due ping like every call that meets trouble', () => {
    expect(due(1).call().asked).toEqual(['admit', 'trigger-ping'])
  })

  it('each have their own deadline', () => {
    const service = due(2).call().at(65_000).call()
    expect(service.state.circuit).toMatchObject({ trials: [{ deadline: 80_000 }, { deadline: 85_000 }] })
  })
})

describe('a call that meets a hold', () => {
  it.each(['closed', 'observe'] as const)('on %s is admitted, and triggers a due ping', (kind) => {
    const service = drive().hold(kind)
    expect(service.call().asked).toEqual(['admit', 'trigger-ping'])
    expect(service.ping('failed').call().asked).toEqual(['admit', 'trigger-ping'])
  })

  it('on open is refused', () => {
    expect(drive().hold('open').call().asked).toEqual(['refuse', 'trigger-ping'])
  })

  it('on open is rescued where the standby serves', () => {
    const service = drive(withHooks).hold('open').hook('fulfilled')
    expect(service.call().asked).toEqual(['rescue', 'trigger-ping'])
  })

  it('on observe is rescued where it was failed over before', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled').hold('observe')
    expect(service.call().asked).toEqual(['rescue', 'trigger-ping'])
  })

  it.each(['closed', 'observe'] as const)('on %s is admitted without a trial when all are taken', (kind) => {
    const service = drive(withoutPing).trip().hold(kind).at(60_000).call().call()
    expect(service.effects[0]).toEqual({ type: 'admit', generation: 1 })
    expect(service.state.circuit).toMatchObject({ trials: [{ id: 1 }] })
  })
})

describe('when to come again', () => {
  it('is told by the next ping where there is one', () => {
    const pinged = drive().ping('failed').at(10_000)
    expect(retryAfterMs(pinged.call())).toBe(20_000)
    expect(retryAfterMs(pinged.at(30_000).call())).toBe(5_000)
  })

  it('is not before the open time is over, whatever pings say', () => {
    expect(retryAfterMs(drive().trip().at(1_000).call())).toBe(59_000)
  })

  it('is when half-open is due where there is none', () => {
    expect(retryAfterMs(drive(withoutPing).trip().at(1_000).call())).toBe(59_000)
  })

  it('is when the trial that runs is late at the latest', () => {
    const service = drive(withoutPing).trip().at(60_000).call().at(65_000).call()
    expect(retryAfterMs(service)).toBe(15_000)
  })

  it('is when the hold expires, if it does', () => {
    expect(retryAfterMs(drive().hold('open', { expiresAt: 7_000 }).at(1_000).call())).toBe(6_000)
    expect(retryAfterMs(drive().hold('open').call())).toBe(30_000)
  })

  it('is a number also when failover() runs over a half-open circuit', () => {
    const service = drive({ ...withHooks, openMs: 10_000 })
      .ping('failed', 'inconclusive')
      .hook('failed')
    service.at(29_999).call().at(30_000).trial('ignored')
    expect([service.circuit, service.failover]).toEqual(['half-open', 'failing-over'])
    expect(retryAfterMs(service.call())).toBe(10_000)
  })
})
