import { describe, expect, it } from 'vitest'
import type { Rules } from './rules.ts'
import { drive, reset, withHooks, type Drive } from './test-support.ts'

/* Hooks may take 10 000, a failed one is tried again after 30 000. */
const down = (changes: Partial<Rules> = {}): Drive => drive({ ...withHooks, ...changes }).ping('failed')
const failedOver = (changes: Partial<Rules> = {}): Drive => down(changes).hook('fulfilled')

describe('idle', () => {
  it('fails over in the step in which the service goes down', () => {
    const service = down()
    expect([service.failover, service.visible]).toEqual(['failing-over', 'open'])
    expect(service.asked).toEqual(['run-failover'])
    expect(service.events('outage-began')).toMatchObject([{ failover: 'started' }])
  })

  it('stays where there is nothing to fail over', () => {
    const service = drive().ping('failed')
    expect([service.failover, service.asked]).toEqual(['idle', []])
  })

  it('fails over for what calls noticed as well', () => {
    expect(drive(withHooks).trip().asked).toEqual(['run-failover'])
  })
})

describe('failing-over', () => {
  it('asks once, however many pings fail meanwhile', () => {
    const service = down().ping('failed', 'failed')
    expect([service.failover, service.asked]).toEqual(['failing-over', []])
  })

  it('becomes failed-over when failover() fulfils', () => {
    const service = failedOver()
    expect([service.failover, service.asked]).toEqual(['failed-over', []])
  })

  it('lets failover() settle when the service returns, then recovers at once, without closing between (rule 1)', () => {
    const service = down().ping('good')
    expect([service.circuit, service.visible, service.failover]).toEqual(['closed', 'open', 'failing-over'])
    service.hook('fulfilled')
    expect([service.visible, service.failover, service.asked]).toEqual([
      'open',
      'recovering',
      ['run-recover'],
    ])
    service.hook('fulfilled')
    expect([service.visible, service.edges]).toEqual(['closed', ['closed -> open', 'open -> closed']])
  })

  it('undoes what failover() applied when it throws, and says so', () => {
    const service = down().at(1_000).hook('failed')
    expect([service.failover, service.visible, service.asked]).toEqual(['idle', 'open', ['undo-failover']])
    expect(service.events('failover-failed')).toEqual([
      { type: 'failover-failed', error: reset, attempt: service.latestHook.attempt },
    ])
  })

  it('tries again after an outage interval by time alone (rule 3)', () => {
    const service = down().at(1_000).hook('failed')
    expect(service.at(30_999).timePasses().asked).toEqual([])
    expect(service.at(31_000).timePasses().asked).toEqual(['run-failover'])
  })

  it('does not try again once the service is up', () => {
    const service = down().hook('failed').ping('good')
    expect(service.visible).toBe('closed')
    expect(service.at(30_000).timePasses().asked).toEqual([])
  })

  it('numbers its attempts', () => {
    const service = down()
    const first = service.latestHook.attempt
    service.hook('failed').at(30_000).timePasses()
    expect(service.latestHook).toEqual({ hook: 'failover', attempt: first + 1 })
  })
})

describe('failed-over', () => {
  it('recovers when the service returns, and is not closed before recover() has fulfilled', () => {
    const service = failedOver().ping('good')
    expect([service.circuit, service.visible, service.failover]).toEqual(['closed', 'open', 'recovering'])
    expect(service.asked).toEqual(['run-recover'])
    expect(service.hook('fulfilled').visible).toBe('closed')
  })

  it('is not left for a misconfigured ping, however long it lasts (rule 8)', () => {
    const service = failedOver().ping('misconfigured').at(10_000_000).call().ping('misconfigured')
    expect([service.failover, service.visible, service.asked]).toEqual(['failed-over', 'open', []])
  })
})

describe('recovering', () => {
  it('lets recover() settle when the service dies again, then fails over at once (rule 1)', () => {
    const service = down().ping('good').hook('fulfilled').ping('failed')
    expect([service.failover, service.asked]).toEqual(['recovering', []])
    service.hook('fulfilled')
    expect([service.failover, service.asked]).toEqual(['failing-over', ['run-failover']])
    expect(service.edges).toEqual(['closed -> open'])
  })

  it.each(['failed', 'timed-out'] as const)('stays failed over when recover() has %s', (end) => {
    const service = failedOver().ping('good').at(1_000).hook(end)
    expect([service.failover, service.visible, service.asked]).toEqual(['failed-over', 'open', []])
    expect(service.events('recover-failed')).toHaveLength(1)
    expect(service.at(30_999).timePasses().asked).toEqual([])
    expect(service.at(31_000).timePasses().asked).toEqual(['run-recover'])
  })
})

describe('a hook that times out (rule 2)', () => {
  const unhurried = { hookTimeoutMs: 100_000 }

  it('is waited for by the next one, until it has failed', () => {
    const service = down(unhurried).hook('timed-out')
    expect(service.asked).toEqual(['undo-failover'])
    expect(service.at(90_000).timePasses().asked).toEqual([])
    expect(service.hook('failed').asked).toEqual(['run-failover'])
  })

  it('is waited for no longer than its time once more', () => {
    const service = down(unhurried).hook('timed-out')
    expect(service.at(99_999).timePasses().asked).toEqual([])
    expect(service.at(100_000).timePasses().asked).toEqual(['run-failover'])
  })

  it('still has its retry to wait for when it fails soon', () => {
    const service = down(unhurried).hook('timed-out').hook('failed')
    expect(service.at(29_999).timePasses().asked).toEqual([])
    expect(service.at(30_000).timePasses().asked).toEqual(['run-failover'])
  })

  it('is followed by recover() if it was a failover() that fulfils late, then by another failover()', () => {
    const service = down().hook('timed-out').at(5_000).hook('fulfilled')
    expect([service.failover, service.asked]).toEqual(['recovering', ['run-recover']])
    expect(service.hook('fulfilled').asked).toEqual(['run-failover'])
  })

  it('is followed by recover() even if the service has returned by then', () => {
    const service = down().hook('timed-out').ping('good').hook('fulfilled')
    expect([service.failover, service.visible]).toEqual(['recovering', 'open'])
    expect(service.hook('fulfilled').visible).toBe('closed')
  })

  it('has recovered the service if it was a recover() that fulfils late', () => {
    const service = failedOver().ping('good').hook('timed-out').hook('fulfilled')
    expect([service.failover, service.visible, service.asked]).toEqual(['idle', 'closed', []])
  })

  it('is followed by failover() if the service is down again when recover() fulfils late', () => {
    const service = failedOver().ping('good').hook('timed-out').ping('failed').hook('fulfilled')
    expect([service.failover, service.asked]).toEqual(['failing-over', ['run-failover']])
  })

  it('is not taken for another one that is being waited for', () => {
    const service = down(unhurried)
    const first = service.latestHook
    service.hook('timed-out').at(100_000).timePasses().hook('timed-out')
    expect(service.hook('failed', first).at(150_000).timePasses().asked).toEqual([])
    expect(service.hook('failed').asked).toEqual(['run-failover'])
  })
})

describe('a hook that fulfils after its successor has started', () => {
  const secondFailover = (): { service: Drive; first: Drive['latestHook'] } => {
    const service = down()
    const first = service.latestHook
    return { service: service.hook('timed-out').at(30_000).timePasses(), first }
  }

  it('leaves a failover() that succeeds as it is', () => {
    const { service, first } = secondFailover()
    expect(service.hook('fulfilled', first).failover).toBe('failing-over')
    expect(service.hook('fulfilled').failover).toBe('failed-over')
  })

  it('is followed by recover() when the second failover() fails', () => {
    const { service, first } = secondFailover()
    service.hook('fulfilled', first).hook('failed')
    expect(service.failover).toBe('idle')
    expect(service.at(60_000).timePasses().asked).toEqual(['run-recover'])
  })

  it('has recovered the service when the second recover() fails', () => {
    const service = failedOver().ping('good')
    const first = service.latestHook
    service.hook('timed-out').at(30_000).timePasses()
    expect(service.hook('fulfilled', first).failover).toBe('recovering')
    expect(service.hook('failed').failover).toBe('idle')
    expect(service.visible).toBe('closed')
  })
})

describe('a late or foreign end of a hook', () => {
  it('changes nothing and is counted', () => {
    const service = failedOver()
    const before = service.state
    expect(service.hook('failed', { hook: 'failover', attempt: 99 }).state).toEqual({ ...before, ignored: 1 })
    expect(service.hook('fulfilled', { hook: 'failover', attempt: 99 }).state).toEqual({
      ...before,
      ignored: 2,
    })
  })

  it('does not end the hook that runs', () => {
    const service = down()
    service.hook('failed', { hook: 'failover', attempt: 99 })
    service.hook('fulfilled', { hook: 'recover', attempt: service.latestHook.attempt })
    expect([service.failover, service.state.ignored]).toEqual(['failing-over', 2])
  })
})

describe('a trial that runs', () => {
  /** Its failover() failed at 50 000; half-open since 60 000 with a trial until 100 000; the retry is due at 80 000. */
  const onTrial = (): Drive =>
    drive({ ...withHooks, trialTimeoutMs: 40_000 })
      .ping('failed', 'inconclusive')
      .at(50_000)
      .hook('failed')
      .at(60_000)
      .call()

  it('is not disturbed by a retry (rule 3)', () => {
    const service = onTrial().at(90_000).timePasses()
    expect([service.visible, service.failover, service.asked]).toEqual(['half-open', 'idle', []])
    expect(service.trial('succeeded').visible).toBe('closed')
  })

  it('makes way for it when it fails', () => {
    const service = onTrial().at(90_000).trial('failed')
    expect([service.visible, service.asked]).toEqual(['open', ['run-failover']])
  })

  it('makes way for it when it is given back', () => {
    const service = onTrial().at(90_000).trial('ignored')
    expect([service.circuit, service.visible]).toEqual(['half-open', 'open'])
    expect(service.asked).toEqual(['run-failover'])
  })
})
