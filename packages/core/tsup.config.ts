import { buildOf } from '../../tools/build/tsup-base.ts'

export default buildOf({
  index: 'src/index.ts',
  breaker: 'src/breaker/index.ts',
  adapter: 'src/adapter/index.ts',
  testing: 'src/testing/index.ts',
})
