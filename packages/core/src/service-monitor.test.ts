import { expect, test } from 'vitest'
import { EventRecorder, FakeClock, LogRecorder, ScriptedService } from './testing/index.ts'
import { ServiceMonitor } from './service-monitor.ts'

function start(options: ConstructorParameters<typeof ScriptedService>[0] = {}) {
  const clock = new FakeClock()
  const logger = new LogRecorder()
  const monitor = new ServiceMonitor({ clock, logger })
  const recorder = new EventRecorder(monitor)
  const service = new ScriptedService(options)
  monitor.register(service)
  return { clock, logger, monitor, recorder, service }
}

test('a service that dies is failed over once, and moved back once when it returns', async () => {
  const { clock, logger, monitor, recorder, service } = start()
  await clock.advance(0)
  service.scripts.ping = new Error('gone')
  await clock.advance(120_000)
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'open', failover: 'failed-over' })
  service.scripts.ping = 'ok'
  await clock.advance(30_000)
  expect(monitor.health().services['scripted']).toMatchObject({ state: 'closed', failover: 'idle' })
  expect(service.calls).toMatchObject({ failover: 1, recover: 1 })
  expect(recorder.types('outage-began', 'outage-ended')).toEqual(['outage-began', 'outage-ended'])
  expect(logger.lines.map(({ level, message }) => [level, message.replace(/\(pid.*/, '')])).toEqual([
    ['fatal', 'scripted outage: gone. Failover started. '],
    ['info', 'scripted is back up after 30 s '],
  ])
  await monitor.close()
  expect(clock.timers).toBe(0)
})
