import { expect, test } from 'vitest'
import { IdleList, type Idle } from './idle-list.ts'

class Item implements Idle {
  readonly name: string
  previousIdle: this | undefined = undefined
  nextIdle: this | undefined = undefined
  isListed = false

  constructor(name: string) {
    this.name = name
  }
}

function emptied(list: IdleList<Item>): string {
  let names = ''
  for (let item = list.first; item !== undefined; item = list.first) {
    names += item.name
    list.remove(item)
  }
  return names
}

function filled(names: string): { readonly list: IdleList<Item>; readonly items: Map<string, Item> } {
  const list = new IdleList<Item>()
  const items = new Map([...names].map((name) => [name, new Item(name)]))
  for (const item of items.values()) list.add(item)
  return { list, items }
}

test('first in, first out', () => {
  const { list } = filled('abc')
  expect(emptied(list)).toBe('abc')
  expect(list.first).toBeUndefined()
})

test.each([
  ['a', 'bca'],
  ['b', 'acb'],
  ['c', 'abc'],
])('%s is used again', (name, expected) => {
  const { list, items } = filled('abc')
  const item = items.get(name)!
  list.remove(item)
  list.remove(item)
  list.add(item)
  expect(emptied(list)).toBe(expected)
})

test('one by itself comes and goes', () => {
  const { list, items } = filled('a')
  const item = items.get('a')!
  for (let n = 0; n < 3; n += 1) {
    list.remove(item)
    expect(list.first).toBeUndefined()
    list.add(item)
    expect(list.first).toBe(item)
  }
})
