import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLastResort, readRoute, writeRoute, type RouteTarget } from './failover-route.ts'

interface Named extends RouteTarget {
  readonly name: string
}

function target(name: string, change: Partial<RouteTarget> = {}): Named {
  const calm = {
    tier: 0,
    circuit: 'closed',
    hold: 'none',
    lastPing: 'good',
    inDoubt: false,
    role: 'unknown',
    load: 0,
  } as const
  return { name, ...calm, ...change }
}

const names = (route: readonly Named[]): string => route.map(({ name }) => name).join(' ')
const down = { circuit: 'open', lastPing: 'failed' } as const

describe('reads', () => {
  test('go to the first tier with a closed circuit', () => {
    expect(names(readRoute([target('standby', { tier: 1 }), target('replica')]))).toBe('replica standby')
    expect(names(readRoute([target('replica', down), target('standby', { tier: 1 })]))).toBe(
      'standby replica',
    )
  })

  test('are spread inside a tier: by load, then by turns', () => {
    expect(names(readRoute([target('a', { load: 3 }), target('b', { load: 1 })]))).toBe('b a')
    const turns = [0, 1, 2, 3].map(
      (turn) => readRoute([target('a'), target('b'), target('c')], turn)[0]?.name,
    )
    expect(turns).toEqual(['a', 'b', 'c', 'a'])
  })

  test('prefer a worse tier to a target in doubt', () => {
    expect(names(readRoute([target('a', { inDoubt: true }), target('b', { tier: 1 })]))).toBe('b a')
  })

  test('without a closed one: the last good ping, else half-open, else the most preferred', () => {
    const waiting = target('waiting', { tier: 2, circuit: 'open', lastPing: 'good' })
    const half = target('half', { tier: 1, circuit: 'half-open', lastPing: 'inconclusive' })
    expect(names(readRoute([target('dead', down), half, waiting]))).toBe('waiting half dead')
    expect(names(readRoute([target('a', down), target('b', { ...down, tier: 1 })]))).toBe('a b')
  })

  test('never go to a target that an operator holds open', () => {
    expect(readRoute([target('a', { hold: 'open', circuit: 'open' })])).toEqual([])
  })

  test('a dead standby is never preferred to anything that works', () => {
    expect(names(readRoute([target('a'), target('b', { tier: 1, ...down })]))).toBe('a b')
    expect(isLastResort(target('b', down))).toBe(true)
    expect(isLastResort(target('b'))).toBe(false)
  })
})

describe('writes', () => {
  const primary = target('primary', { role: 'writer' })
  const other = target('other', { role: 'writer', tier: 1 })

  test('go to whoever is known to be the writer, never to a reader', () => {
    const reader = target('reader', { role: 'reader' })
    expect(names(writeRoute([reader, target('unknown'), other], undefined))).toBe('other unknown')
  })

  test('never leave a writer that works, in doubt or not', () => {
    expect(names(writeRoute([primary, other], other))).toBe('other primary')
    const doubted = { ...other, inDoubt: true }
    expect(names(writeRoute([primary, doubted], doubted))).toBe('other primary')
  })

  test('leave a writer that is down, held open, or a reader by now', () => {
    for (const change of [down, { hold: 'open', circuit: 'open' }, { role: 'reader' }] as const) {
      const current = { ...other, ...change }
      expect(writeRoute([primary, current], current)[0]?.name).toBe('primary')
    }
  })
})

const anyTarget = fc.record({
  tier: fc.nat(3),
  circuit: fc.constantFrom('closed', 'open', 'half-open'),
  hold: fc.constantFrom('none', 'open', 'closed', 'observe'),
  lastPing: fc.constantFrom('none', 'good', 'failed', 'inconclusive', 'misconfigured'),
  inDoubt: fc.boolean(),
  role: fc.constantFrom('writer', 'reader', 'unknown'),
  load: fc.nat(5),
}) as fc.Arbitrary<RouteTarget>

test('every target that nobody holds open is in a read route exactly once, whatever is known', () => {
  fc.assert(
    fc.property(fc.array(anyTarget, { minLength: 1, maxLength: 6 }), fc.nat(), (targets, turn) => {
      const route = readRoute(targets, turn)
      expect(new Set(route)).toEqual(new Set(targets.filter(({ hold }) => hold !== 'open')))
      expect(route).toHaveLength(new Set(route).size)
    }),
  )
})

test('a closed target without doubt comes before every other one', () => {
  fc.assert(
    fc.property(fc.array(anyTarget, { minLength: 1, maxLength: 6 }), (targets) => {
      const isCalm = ({ circuit, inDoubt, hold }: RouteTarget): boolean =>
        circuit === 'closed' && !inDoubt && hold !== 'open'
      if (targets.some(isCalm)) expect(readRoute(targets).findIndex(isCalm)).toBe(0)
    }),
  )
})
