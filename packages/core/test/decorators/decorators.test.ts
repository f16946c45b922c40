import { describe, expect, test } from 'vitest'
import { compileAndRun, esbuild, tsc } from './compile-and-run.ts'

const LAST = 'the last static field'

describe.each([
  ['tsc', tsc],
  ['esbuild', esbuild],
])('compiled by %s', (_name, compiler) => {
  test.each([
    ['standard', false],
    ['legacy', true],
  ])('`register` as a %s decorator registers a class once, when it is complete', async (_kind, legacy) => {
    expect(await compileAndRun(compiler, 'registered-classes', { legacy })).toEqual({
      seen: {
        search: { ready: true, last: LAST, host: 'search.internal', secret: 'private field' },
        'mail before its last static': false,
        mail: LAST,
      },
      made: 1,
      registered: ['search', 'Mail'],
      classes: ['Search', 'Mail'],
      instances: true,
    })
  })

  test('decorated methods trigger, and keep `this`, arguments, result, error and shape', async () => {
    expect(await compileAndRun(compiler, 'decorated-methods')).toEqual({
      pings: [0, 1],
      states: ['open', 'closed'],
      found: ['catalogue', 1, 'a', 'b'],
      loaded: 'catalogue:7',
      failed: 'RangeError: as it was',
      counted: 2,
      hidden: 'hidden in catalogue',
      inherited: ['special', 'special', 3, 'more'],
      shape: ['find', 1, ['name']],
    })
  })
})
