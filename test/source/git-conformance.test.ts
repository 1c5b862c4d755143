import { sourceConformance } from '../conformance/source.ts'
import { ENGINES, engineName, fileSourceWorld, httpSourceWorld } from './support/sources.ts'

for (const engine of ENGINES) sourceConformance(`HTTP through ${engineName(engine)}`, () => httpSourceWorld(engine))

sourceConformance('a file:// repository', fileSourceWorld)
