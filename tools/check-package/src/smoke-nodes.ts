import { run } from './command.ts'
import { runConsumers } from './consumers.ts'

/** Runs the consumers on each Node, says how it went, and returns what failed. */
export async function smokeProblems(app: string, nodes: readonly string[]): Promise<string[]> {
  const problems: string[] = []
  for (const node of nodes) {
    const version = (await run(node, ['--version'], app)).output.trim()
    const { ok, output, passed } = await runConsumers(app, node)
    console.log(`${ok ? 'ok    ' : 'FAILED'} consumers on Node ${version}: ${passed} passed`)
    if (!ok) problems.push(`consumers on Node ${version}:\n${output}`)
  }
  return problems
}
