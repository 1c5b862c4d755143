import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const TEST = join(import.meta.dirname, '..')
const ROWS = Array.from({ length: 27 }, (_, index) => `SEC-${index + 1}`)

/** Names of tests, and of what they stand in: not comments. */
const named = readdirSync(TEST, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== 'security/index.test.ts')
  .flatMap((file) => readFileSync(join(TEST, file), 'utf8').split('\n'))
  .filter((line) => /['"`][^'"`]*\bSEC-\d+\b/.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))

/** `- SEC-n: why it cannot apply`. */
const excused = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').split('\n')

describe('the table of what went wrong elsewhere', () => {
  it.each(ROWS)('%s has a test that is named by it, or a line that says why it cannot apply', (row) => {
    const tests = named.filter((line) => new RegExp(`\\b${row}\\b`).test(line))
    const lines = excused.filter((line) => line.startsWith(`- ${row}: `))
    expect(tests.length + lines.length).toBeGreaterThan(0)
  })
})
