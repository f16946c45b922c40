/* `node main.ts <plan> [arguments]`: runs every step, also after one that failed, and says at the end how each went. */
import { spawnSync } from 'node:child_process'
import { PLANS, type Step } from './plans.ts'

interface Outcome {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
}

const ENVIRONMENT = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }

const [plan = '', ...extra] = process.argv.slice(2)
const steps = PLANS[plan]
if (steps === undefined) throw new Error(`no plan "${plan}"; there are ${Object.keys(PLANS).join(', ')}`)
const outcomes = steps.map((step, index) => run(step, index === steps.length - 1 ? extra : []))
if (outcomes.length > 1) summarize(plan, outcomes)
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1

function run({ name, command, args }: Step, extra: readonly string[]): Outcome {
  console.log(`\n== ${name}`)
  const start = performance.now()
  const passedOn = command === 'turbo' && extra.length > 0 ? ['--', ...extra] : extra
  const { status, error } = spawnSync(command, [...args, ...passedOn], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error !== undefined) console.error(error.message)
  return { name, ok: status === 0, seconds: (performance.now() - start) / 1_000 }
}

function summarize(plan: string, outcomes: readonly Outcome[]): void {
  console.log(`\n== pnpm ${plan}`)
  for (const { name, ok, seconds } of outcomes)
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`)
  const failed = outcomes.filter(({ ok }) => !ok)
  console.log(
    failed.length === 0
      ? `all ${outcomes.length} steps passed`
      : `${failed.length} of ${outcomes.length} steps FAILED: ${failed.map(({ name }) => name).join(', ')}`,
  )
}
