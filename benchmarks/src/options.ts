import { parseArgs } from 'node:util'
import { type Effort, FULL, QUICK } from './cells/cell.ts'

export const USAGE = `npx --yes pnpm bench [--quick] [--only <pattern>] [--list]

  --quick            fewer and shorter rounds: about two minutes, and rougher
  --only <pattern>   only cells whose id matches this regular expression; prints, and writes no files
  --list             prints the ids of all cells`

export interface Options {
  readonly quick: boolean
  readonly list: boolean
  readonly help: boolean
  readonly only: RegExp | undefined
  readonly effort: Effort
}

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    // pnpm hands the separator on.
    args: args.filter((argument) => argument !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      only: { type: 'string' },
    },
  })
  const only = values.only === undefined ? undefined : new RegExp(values.only, 'i')
  return { ...values, only, effort: values.quick ? QUICK : FULL }
}
