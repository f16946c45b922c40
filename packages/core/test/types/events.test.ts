import { expect, expectTypeOf, test } from 'vitest'
import { createSettings, monitored, ServiceMonitor, type ErrorSummary } from '../../src/index.ts'

test('each event has its own fields', () => {
  const monitor = new ServiceMonitor({ logger: false })
  monitor.on('outage-began', (event) => expectTypeOf(event.error).toEqualTypeOf<ErrorSummary>())
  monitor.on('outage-ended', (event) => expectTypeOf(event.durationMs).toEqualTypeOf<number>())
  monitor.on('circuit-changed', (event) =>
    expectTypeOf(event.to).toEqualTypeOf<'closed' | 'open' | 'half-open'>(),
  )
  // @ts-expect-error - there is no such event
  expect(() => monitor.on('outage', () => {})).toThrow('event must be one of outage-began,')
})

test('settings keep their type, and wrapped functions theirs', () => {
  expectTypeOf(createSettings({ url: 'x', retries: 1 })).toEqualTypeOf<{ url: string; retries: number }>()
  const monitor = new ServiceMonitor({ logger: false })
  const load = async (id: number): Promise<string> => String(id)
  expectTypeOf(monitored(monitor, load)).toEqualTypeOf<(id: number) => Promise<string>>()
})
