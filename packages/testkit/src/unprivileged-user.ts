import { readFileSync } from 'node:fs'

/** Whom a server runs as. */
export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL and others refuse to run as root. As root: an account that the system already has; nothing is
 * created. As anybody else: undefined, the server runs as ourselves.
 */
export function unprivilegedUser(preferred: readonly string[] = ['postgres', 'nobody']): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = parsePasswd(readFileSync('/etc/passwd', 'utf8'))
  for (const name of preferred) {
    const user = users.get(name)
    if (user !== undefined) return user
  }
  throw new Error(`running as root, and the system has none of these users: ${preferred.join(', ')}`)
}

export function parsePasswd(text: string): Map<string, User> {
  const rows = text.split('\n').map((line) => line.split(':'))
  return new Map(
    rows.flatMap(([name = '', , uid, gid]) => {
      const user = { name, uid: Number(uid), gid: Number(gid) }
      return name !== '' && user.uid > 0 && user.gid >= 0 ? [[name, user] as const] : []
    }),
  )
}
