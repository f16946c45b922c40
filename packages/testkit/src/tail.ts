import { readFileSync } from 'node:fs'

/** The last lines of a text file, or undefined where there is none. */
export function tailOf(path: string, lines: number): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return undefined
  }
}
