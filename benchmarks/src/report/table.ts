import { markdownTable } from 'markdown-table'

/** A part of the report; it reads the same on a terminal and on a page. */
export interface Section {
  readonly title: string
  readonly text: string
  /** Whether there is more than the introduction. */
  readonly measured: boolean
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The first column is text, the others are figures. */
export function tableText(
  { head, rows }: Table,
  align: readonly string[] = ['l', ...head.slice(1).map(() => 'r')],
): string {
  if (rows.length === 0) return ''
  return markdownTable([[...head], ...rows.map((row) => [...row])], { align: [...align] })
}

export function section(title: string, introduction: string, ...parts: readonly string[]): Section {
  const full = parts.filter((part) => part !== '')
  return { title, text: [introduction, ...full].join('\n\n'), measured: full.length > 0 }
}

export function sectionText({ title, text }: Section): string {
  return `## ${title}\n\n${text}\n`
}

/** What a table has no room for. */
export function footnotes(notes: readonly string[]): string {
  return notes.map((note) => `- ${note}`).join('\n')
}
