import { defineConfig } from 'tsup'

/** One build for every published package: ESM and CommonJS, types for both, one file per entry. */
export function buildOf(entry: Record<string, string>) {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
    splitting: true,
    // Rollup makes the CommonJS chunks. The default, sucrase, breaks static blocks and fields of classes.
    treeshake: true,
    sourcemap: true,
    target: 'node20.19',
    platform: 'node',
    tsconfig: 'tsconfig.json',
  })
}
