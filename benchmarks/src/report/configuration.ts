/* The configurations, printed from the code that ran. */
import { type Library, SCENARIOS, type Subject } from '../subjects/subject.ts'
import { section, type Section } from './table.ts'

/** Before an expression it says nothing. */
const ARROW = /^\(\w*\) =>\s*(?!\s|\{)/

export function configurationSection(libraries: readonly Library[]): Section {
  const intro =
    'Each library as its own documentation sets it up; windows are 100 calls or 10 s for all. Where calls fail, thresholds are so high that nothing trips.'
  return section(
    'Configurations',
    intro,
    ...libraries.filter(({ imports }) => imports.length > 0).map(codeOf),
  )
}

function codeOf({ name, subjects }: Library): string {
  const uses = new Map<string, string[]>()
  for (const scenario of SCENARIOS)
    for (const [row, subject] of Object.entries(subjects[scenario] ?? {}))
      if (typeof subject !== 'string') note(uses, subject, `${scenario}: ${row}`)
  const blocks = [...uses].map(([code, rows]) => [...rows.map((row) => `// ${row}`), code].join('\n'))
  return `### ${name}\n\n\`\`\`js\n${blocks.join('\n\n')}\n\`\`\``
}

function note(uses: Map<string, string[]>, subject: Subject, row: string): void {
  const code = dedented(subject.make.toString().replace(ARROW, ''))
  uses.set(code, [...(uses.get(code) ?? []), row])
}

/** The first line stands after an opening bracket, and has no indentation of its own. */
function dedented(code: string): string {
  const [first = '', ...rest] = code.split('\n')
  const indentation = Math.min(...rest.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return [first, ...rest.map((line) => line.slice(indentation))].join('\n')
}
