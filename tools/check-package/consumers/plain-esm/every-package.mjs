/* Whatever is installed: every entry loads in both ways, and both give the same names. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)
const SCOPE = new URL('../node_modules/@failover/', import.meta.url)

for (const name of readdirSync(SCOPE)) {
  const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, SCOPE), 'utf8'))
  for (const entry of Object.keys(manifest.exports)) {
    const specifier = `@failover/${name}${entry.slice(1)}`
    if (entry === './package.json')
      test(`${specifier} can be read`, () => assert.equal(require(specifier).name, `@failover/${name}`))
    else
      test(`${specifier} has the same names as ESM and as CommonJS, and no default`, async () => {
        const names = Object.keys(await import(specifier)).sort()
        assert.deepEqual(Object.keys(require(specifier)).sort(), names)
        assert.ok(names.length > 0 && !names.includes('default'))
      })
  }
}
