// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what people write in documents
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../src/desired/parse-yaml.ts'
import { FLEET, read } from '../desired/read.ts'

const MEGABYTE = 1024 * 1024

/** A megabyte of the same thing over and over. */
const filled = (text: string, before = ''): Buffer =>
  Buffer.from(before + text.repeat(Math.floor((MEGABYTE - before.length) / Buffer.byteLength(text))))

describe('a megabyte of anything is read or refused in bounded time', () => {
  it.each([
    '- ',
    '-\n',
    '---\n',
    'a: ',
    'a:\n',
    '{',
    '[1,',
    '*a,',
    '&a x\n',
    '"a"\n',
    '# x\n',
    '\n',
    '\t',
    '? ',
    '|\n ',
    '<<: *a\n',
    "'",
  ])(
    '%j',
    (text) => {
      for (const before of ['', '[', '"', 'a: |\n ', 'a: &a {b: 1}\nx: [']) {
        const started = performance.now()
        parseYaml(filled(text, before))
        expect(performance.now() - started).toBeLessThan(10_000)
      }
    },
    60_000,
  )
})

describe('anything', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        ':',
        ' ',
        '\n',
        '-',
        '[',
        ']',
        '{',
        '}',
        '&',
        '*',
        '<<',
        '"',
        "'",
        '|',
        '#',
        '!',
        '%',
        '$',
        '${A}',
        '?',
        ',',
        '\t',
        '---',
        'kind: Service',
      ),
    }),
    fc.uint8Array({ maxLength: 200 }),
  )

  it('never throws, whatever stands in the files', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, (app, target, fleet, env) => {
        const { problems } = read({
          'apps/a/a.yaml': Buffer.concat([Buffer.from('kind: Service\n'), Buffer.from(app)]),
          'apps/b/b.yaml': Buffer.from(app),
          'apps/b/c.yaml': Buffer.concat([
            Buffer.from('kind: Service\nextends: ../../base.yaml\nname: '),
            Buffer.from(target),
          ]),
          'base.yaml': Buffer.from(target),
          'targets/a.yaml': Buffer.from(target),
          'swarmkeeper.yaml': Buffer.concat([Buffer.from(`${FLEET}vars: a.env\n`), Buffer.from(fleet)]),
          'a.env': Buffer.from(env),
        })
        for (const { position } of problems) expect(position.line >= 1 && position.column >= 1).toBe(true)
      }),
      { numRuns: 1000 },
    )
  }, 60_000)

  it('never throws, whatever a document says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Service', 'Job', 'Secret', 'Config', 'Network', 'Node', 'Check'),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (kind, more) => {
          read({ 'apps/a/a.yaml': JSON.stringify({ kind, name: 'a', ...more }) })
        },
      ),
      { numRuns: 1000 },
    )
  }, 60_000)
})
