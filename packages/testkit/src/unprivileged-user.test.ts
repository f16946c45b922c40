import { expect, test } from 'vitest'

import { parsePasswd, unprivilegedUser } from './unprivileged-user.ts'

test('knows the accounts of the system, but not root and not broken lines', () => {
  const users = parsePasswd('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n\nbroken')
  expect([...users.values()]).toEqual([{ name: 'nobody', uid: 65534, gid: 65533 }])
})

const isRoot = process.getuid?.() === 0

test(isRoot ? 'as root: an existing account, else an error' : 'as anybody but root: oneself', () => {
  if (!isRoot) return expect(unprivilegedUser()).toBeUndefined()
  expect(unprivilegedUser()?.uid).toBeGreaterThan(0)
  expect(() => unprivilegedUser(['no-such-user-here'])).toThrow('none of these users: no-such-user-here')
})
