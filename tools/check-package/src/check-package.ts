/* Everything that is only true, or not, of the packages as they are published. */
import { join } from 'node:path'
import { node20 } from '@failover/node-20'
import { installConsumers } from './consumers.ts'
import { pack, type Packed } from './pack.ts'
import { packedProblems } from './packed-rules.ts'
import { publicPackages, readManifest, type PublicPackage } from './public-packages.ts'
import { smokeProblems } from './smoke-nodes.ts'
import { publintProblems, typeProblems } from './third-party.ts'
import { inWorkplace } from './workplace.ts'

/** The oldest that is supported, and the current LTS: the one that the tools run on. */
const NODES = [node20(), process.execPath]

const problems = await inWorkplace(async (folder) => {
  const all = publicPackages()
  const packed = await Promise.all(all.map((each) => pack(each, folder)))
  return [
    ...unlisted(all),
    ...(await Promise.all(packed.map(check))).flat(),
    ...(await smokeProblems(await installConsumers(packed, folder), NODES)),
  ]
})
for (const problem of problems) console.error(`\n${problem}`)
process.exitCode = problems.length === 0 ? 0 : 1

async function check(packed: Packed): Promise<string[]> {
  const found = [
    ...packedProblems(packed),
    ...(await publintProblems(packed)),
    ...(await typeProblems(packed)),
  ]
  console.log(`${found.length === 0 ? 'ok    ' : 'FAILED'} ${packed.name}: files, manifest, publint, types`)
  return found.map((problem) => `${packed.name} ${problem}`)
}

/** turbo builds first what this package depends on. */
function unlisted(packages: readonly PublicPackage[]): string[] {
  const { devDependencies = {} } = readManifest(join(import.meta.dirname, '../package.json'))
  return packages
    .filter(({ name }) => !(name in devDependencies))
    .map(({ name }) => `${name} is not among the devDependencies of tools/check-package`)
}
