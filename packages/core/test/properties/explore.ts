/* Every world that can be reached, breadth first, and where each of them leads. */
import type { Rules } from '../../src/machine/rules.ts'
import { checkStale, movesOf, play, type Move } from './moves.ts'
import { firstWorld, rebased, type World } from './world.ts'

export type Worlds = Map<string, World>

export interface Exploration {
  readonly worlds: Worlds
  readonly steps: number
}

export function keyOf(world: World): string {
  return JSON.stringify(world)
}

/** To closure, or it throws: a space that grows without bound is a bug of the machine or of its abstraction. */
export function explore(rules: Rules, withHolds: boolean, most: number): Exploration {
  const first = rebased(firstWorld(rules), rules, 0)
  const worlds: Worlds = new Map([[keyOf(first), first]])
  let steps = 0
  for (const world of worlds.values()) {
    checkStale(world, rules)
    for (const move of movesOf(world, rules, withHolds)) {
      const next = play(world, move, rules)
      steps++
      const key = keyOf(next)
      if (!worlds.has(key)) worlds.set(key, next)
    }
    if (worlds.size > most) throw new Error(`more than ${most} states`)
  }
  return { worlds, steps }
}

/** What a world does next under one way of events; undefined where it has arrived. */
export type Course = (world: World) => readonly Move[] | undefined

/** The worlds from which this course never arrives. */
export function stuckWorlds(worlds: Worlds, rules: Rules, course: Course): World[] {
  const arriving = new Set<string>()
  return [...worlds.values()].filter((world) => !arrives(world, rules, course, arriving))
}

function arrives(start: World, rules: Rules, course: Course, arriving: Set<string>): boolean {
  const path = new Set<string>()
  for (let world = start, key = keyOf(start); !arriving.has(key); key = keyOf(world)) {
    if (path.has(key)) return false
    path.add(key)
    const moves = course(world)
    if (moves === undefined) break
    world = moves.reduce((each, move) => play(each, move, rules), world)
  }
  for (const key of path) arriving.add(key)
  return true
}
