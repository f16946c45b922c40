import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Signal } from '../../src/machine/signal.ts'
import { circuitEdges, failoverEdges, type Edge } from '../../src/machine/transition-table.ts'

const page = readFileSync(new URL('../../../../docs/state-machine.md', import.meta.url), 'utf8')

/** A type error here means that the page lacks a signal too. */
const signals: Record<Signal['type'], true> = {
  'time-passed': true,
  'ping-succeeded': true,
  'ping-failed': true,
  'ping-inconclusive': true,
  'ping-misconfigured': true,
  'calls-tripped': true,
  call: true,
  'trial-succeeded': true,
  'trial-ignored': true,
  'trial-failed': true,
  'hook-fulfilled': true,
  'hook-failed': true,
  'hook-timed-out': true,
  'shared-opened': true,
  'shared-closed': true,
  held: true,
  unheld: true,
}

function section(heading: string): string {
  const [, after = ''] = page.split(`\n## ${heading}\n`)
  return after.split('\n## ')[0] ?? ''
}

/** Mermaid's names have no hyphens. */
function drawnEdges(heading: string): string[] {
  const drawn = [...section(heading).matchAll(/^ *(\w+) --> (\w+) :/gm)]
  return drawn.map(([, from, to]) => `${from} -> ${to}`.replaceAll('_', '-')).sort()
}

function listedEdges(edges: readonly Edge<string>[]): string[] {
  return edges.map(({ from, to }) => `${from} -> ${to}`).sort()
}

describe('docs/state-machine.md', () => {
  it('draws the edges of the circuit, each once and no others', () => {
    expect(drawnEdges('The circuit')).toEqual(listedEdges(circuitEdges))
  })

  it('draws the edges of the failover region, each once and no others', () => {
    expect(drawnEdges('The failover')).toEqual(listedEdges(failoverEdges))
  })

  it('lists every signal', () => {
    const listed = [...section('Signals').matchAll(/^\| `([\w-]+)` /gm)].map(([, name]) => name)
    expect(listed.sort()).toEqual(Object.keys(signals).sort())
  })
})
