import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('the generated types agree with the schemas', () => {
  const script = new URL('../../scripts/generate-types.mjs', import.meta.url).pathname
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('')
}, 60_000)
