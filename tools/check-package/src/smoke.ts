/* Runs the consumers of the packed packages on the Nodes that are given: `pnpm smoke --node <path> [--node <path>]`. */
import { parseArgs } from 'node:util'
import { node20 } from '@failover/node-20'
import { installConsumers } from './consumers.ts'
import { pack } from './pack.ts'
import { publicPackages } from './public-packages.ts'
import { smokeProblems } from './smoke-nodes.ts'
import { inWorkplace } from './workplace.ts'

const { values } = parseArgs({ options: { node: { type: 'string', multiple: true } } })
const nodes = values.node ?? [node20()]

const problems = await inWorkplace(async (folder) => {
  const packages = await Promise.all(publicPackages().map((each) => pack(each, folder)))
  return smokeProblems(await installConsumers(packages, folder), nodes)
})
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
