import { buildOf } from '../../tools/build/tsup-base.ts'

export default buildOf({ index: 'src/index.ts' })
