import { describe, expect, it } from 'vitest'
import { drive, refused, reset, withHooks, withoutPing } from './test-support.ts'

const HOUR = 3_600_000

describe('an outage', () => {
  it('begins once and ends once, whatever the pings say between', () => {
    const service = drive({ successesToClose: 3 }).ping('failed', 'failed', 'good', 'failed', 'inconclusive')
    service.at(90_000).ping('good', 'good', 'good')
    expect(service.events('outage-began')).toHaveLength(1)
    expect(service.events('outage-ended')).toEqual([{ type: 'outage-ended', durationMs: 90_000 }])
    expect(service.state.outage).toBeUndefined()
  })

  it('lasts until users see the service closed: through half-open', () => {
    const service = drive(withoutPing).trip().at(60_000).call()
    expect([service.visible, service.events('outage-ended')]).toEqual(['half-open', []])
    expect(service.trial('succeeded').told).toEqual(['circuit-changed', 'outage-ended'])
  })

  it('lasts through the hooks', () => {
    const service = drive(withHooks).ping('failed').hook('fulfilled').ping('good')
    expect(service.state.outage).toBeDefined()
    expect(service.at(7).hook('fulfilled').events('outage-ended')).toMatchObject([{ durationMs: 7 }])
  })

  it('says that it has not failed over where there is nothing to fail over', () => {
    expect(drive().trip().events('outage-began')).toMatchObject([{ failover: 'none' }])
  })

  it('is told after the edge that it rests on', () => {
    expect(drive().trip().told).toEqual(['circuit-changed', 'outage-began'])
  })

  it('of an operator is told again as an operator’s, whatever failed long before', () => {
    const service = drive().ping('failed').at(40_000).ping('good')
    service
      .at(80_000)
      .hold('open')
      .at(80_000 + HOUR)
      .signal({ type: 'time-passed' })
    expect(service.events('outage-continues').at(-1)).toMatchObject({
      cause: 'hold',
      error: { name: 'Hold' },
    })
  })

  it('keeps its first cause and error', () => {
    const service = drive().trip().ping('failed')
    expect(service.state.outage).toMatchObject({ cause: 'calls', error: reset })
  })

  it('has an error even where none was ever reported', () => {
    const service = drive(withHooks).hold('open').hook('timed-out').unhold().hook('fulfilled')
    expect(service.events('outage-began').at(-1)?.error.message).toBe('no error was reported')
  })

  it('is held without a reason too', () => {
    const service = drive().hold('open')
    expect(service.state.outage?.error.message).toBe('held open by an operator')
  })
})

describe('saying that it goes on', () => {
  it('is done once an interval, with the duration and the last error', () => {
    const service = drive().trip().at(1_000).ping('failed')
    expect(service.at(HOUR - 1).timePasses().told).toEqual([])
    service.at(HOUR).timePasses()
    expect(service.events('outage-continues')).toEqual([
      { type: 'outage-continues', cause: 'calls', error: refused, durationMs: HOUR, failedOver: false },
    ])
    expect(service.timePasses().told).toEqual([])
  })

  it.each([
    ['failed-over', drive(withHooks).ping('failed').hook('fulfilled')],
    ['recovering', drive(withHooks).ping('failed').hook('fulfilled').ping('good')],
  ])('says that callers are served by the standby while %s', (_, service) => {
    service.at(HOUR).timePasses()
    expect(service.events('outage-continues')).toMatchObject([{ failedOver: true }])
  })

  it('is done once after a long silence, not once per interval', () => {
    const service = drive()
      .ping('failed')
      .at(5.5 * HOUR)
      .timePasses()
    expect(service.told).toEqual(['outage-continues'])
  })

  it('keeps to the intervals from the beginning, however late each was', () => {
    const service = drive().ping('failed')
    for (const at of [1.3, 2.3, 3.3, 4.3]) service.at(at * HOUR).timePasses()
    expect(service.events('outage-continues')).toHaveLength(4)
    expect(service.state.outage?.reportAt).toBe(5 * HOUR)
  })

  it('stops with the outage', () => {
    const service = drive()
      .ping('failed')
      .at(1)
      .ping('good')
      .at(2 * HOUR)
      .timePasses()
    expect(service.events('outage-continues')).toEqual([])
  })
})
