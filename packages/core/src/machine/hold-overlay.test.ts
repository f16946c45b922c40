import { describe, expect, it } from 'vitest'
import { drive, withHooks, withoutPing } from './test-support.ts'

describe('a hold', () => {
  it('is told with its reason and author, and so is its end', () => {
    const service = drive().hold('closed', { reason: 'deploy', author: 'ann' }).hold('open').unhold()
    expect(service.events('hold-changed')).toMatchObject([
      { hold: 'closed', previous: 'none', reason: 'deploy', author: 'ann', expired: false },
      { hold: 'open', previous: 'closed', expired: false },
      { hold: 'none', previous: 'open', expired: false },
    ])
  })

  it('ends by itself at its expiry, if it has one', () => {
    const service = drive().hold('open', { expiresAt: 1_000, reason: 'drill' })
    expect(service.at(999).timePasses().visible).toBe('open')
    expect(service.at(1_000).timePasses().visible).toBe('closed')
    expect(service.events('hold-changed').at(-1)).toMatchObject({
      hold: 'none',
      previous: 'open',
      reason: 'drill',
      expired: true,
    })
  })

  it.each(['open', 'closed', 'observe'] as const)('on %s outlives every evidence and all time', (kind) => {
    const service = drive().hold(kind).ping('failed', 'good').trip().at(1_000_000_000).ping('good').call()
    expect(service.state.hold).toEqual({ kind })
  })

  it('that is not there cannot be taken off, and nobody is told', () => {
    expect(drive().unhold().effects).toEqual([])
  })

  it('leaves the evidence running beneath, which counts again afterwards', () => {
    const service = drive().hold('closed').ping('failed')
    expect([service.circuit, service.visible]).toEqual(['open', 'closed'])
    expect(service.unhold().visible).toBe('open')
    service.hold('open').ping('good')
    expect([service.circuit, service.visible]).toEqual(['closed', 'open'])
    expect(service.unhold().visible).toBe('closed')
  })
})

describe('held open', () => {
  it('is an outage: down, failed over, logged as held', () => {
    const service = drive(withHooks).hold('open', { reason: 'maintenance' })
    expect([service.visible, service.failover]).toEqual(['open', 'failing-over'])
    expect(service.events('outage-began')).toMatchObject([
      { cause: 'hold', error: { message: 'held open: maintenance' }, failover: 'started' },
    ])
  })

  it('recovers at unhold if the pings were good', () => {
    const service = drive(withHooks).hold('open').hook('fulfilled').ping('good').unhold()
    expect(service.asked).toEqual(['run-recover'])
    expect(service.hook('fulfilled').visible).toBe('closed')
  })

  it('never opens half: the evidence moves by pings and time alone', () => {
    const service = drive(withoutPing).trip().hold('open').at(600_000)
    expect(service.projected).toBe('open')
    expect(service.call().asked).toEqual(['refuse', 'trigger-ping'])
    expect(service.circuit).toBe('open')
  })

  it('shows an evidence that is half-open as open, and as half-open again afterwards', () => {
    const service = drive(withoutPing).trip().at(60_000).call().hold('open')
    expect([service.circuit, service.visible]).toEqual(['half-open', 'open'])
    expect(service.unhold().visible).toBe('half-open')
  })
})

describe('held closed', () => {
  it('is up: it recovers, and the outage is over', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled').hold('closed')
    expect(service.asked).toEqual(['run-recover'])
    service.hook('fulfilled')
    expect([service.visible, service.circuit]).toEqual(['closed', 'open'])
    expect(service.events('outage-ended')).toHaveLength(1)
  })

  it('fails over for nothing', () => {
    const service = drive(withHooks).hold('closed').ping('failed')
    expect([service.failover, service.visible, service.events('outage-began')]).toEqual([
      'idle',
      'closed',
      [],
    ])
  })

  it('feeds the evidence: the first call once half-open is due is its trial (rule 11)', () => {
    const service = drive(withoutPing).hold('closed').trip().at(60_000).call()
    expect([service.circuit, service.visible]).toEqual(['half-open', 'closed'])
    expect(service.trial('succeeded').circuit).toBe('closed')
    expect(service.edges).toEqual([])
  })

  it('comes back to half-open by way of open', () => {
    const service = drive(withoutPing).hold('closed').trip().at(60_000).call().unhold()
    expect(service.edges).toEqual(['closed -> open', 'open -> half-open'])
    expect(service.events('outage-began')).toHaveLength(1)
  })
})

describe('held on observe', () => {
  it('computes and tells what would have been, marked as observed, and does nothing', () => {
    const service = drive(withHooks).hold('observe').ping('failed')
    expect([service.visible, service.failover, service.asked]).toEqual(['open', 'idle', []])
    expect(service.events('circuit-changed')).toMatchObject([{ from: 'closed', to: 'open', observed: true }])
    expect(service.events('outage-began')).toEqual([])
  })

  it('takes up at unhold what it left undone', () => {
    const service = drive(withHooks).hold('observe').at(5_000).ping('failed').at(9_000).unhold()
    expect(service.asked).toEqual(['run-failover'])
    expect(service.told).toEqual(['hold-changed', 'outage-began'])
    expect(service.state.outage?.since).toBe(9_000)
  })

  it('lets a hook in flight settle, and starts none after it', () => {
    const service = drive(withHooks).ping('failed').hold('observe').ping('good').hook('fulfilled')
    expect([service.failover, service.asked]).toEqual(['failed-over', []])
    expect(service.unhold().asked).toEqual(['run-recover'])
  })

  it('starts no retry', () => {
    const service = drive(withHooks).ping('failed').hook('failed').hold('observe').at(90_000).timePasses()
    expect([service.failover, service.asked]).toEqual(['idle', []])
    expect(service.unhold().asked).toEqual(['run-failover'])
  })

  it('starts no recover() after a failover() that fulfils late, but remembers that it is owed', () => {
    const service = drive(withHooks).ping('failed').hook('timed-out').hold('observe').hook('fulfilled')
    expect([service.failover, service.asked]).toEqual(['idle', []])
    expect(service.unhold().asked).toEqual(['run-recover'])
  })

  it('neither ends an outage nor repeats it, until it is taken off', () => {
    const service = drive().ping('failed').hold('observe').at(4_000_000).ping('good')
    expect([service.visible, service.told]).toEqual(['closed', ['circuit-changed']])
    expect(service.at(5_000_000).unhold().told).toEqual(['hold-changed', 'outage-ended'])
    expect(service.events('outage-continues')).toEqual([])
  })

  it('resumes an outage that goes on', () => {
    const service = drive().ping('failed').hold('observe').at(4_000_000).timePasses().unhold()
    expect(service.events('outage-began')).toHaveLength(1)
    expect(service.timePasses().told).toEqual(['outage-continues'])
  })

  it('shows a half-open evidence as open', () => {
    const service = drive(withoutPing).hold('observe').trip().at(60_000).call()
    expect([service.circuit, service.visible]).toEqual(['half-open', 'open'])
  })
})
