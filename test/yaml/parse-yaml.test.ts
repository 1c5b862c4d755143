import { describe, expect, it } from 'vitest'
import type { YamlNode } from '../../src/yaml/node.ts'
import { parseYaml } from '../../src/yaml/parse-yaml.ts'
import { YamlError } from '../../src/yaml/yaml-error.ts'

const OPTIONS = { program: 'Docker', mark: false, depth: 20, tokens: 1000 }

function plain(node: YamlNode | undefined): unknown {
  if (!node) return undefined
  if (node.type === 'alias') return plain(node.of())
  if (node.type === 'scalar') return node.value
  if (node.type === 'list') return node.items.map(plain)
  return node.pairs.map(({ key, value }) => [plain(key), plain(value)])
}

const read = (text: string): unknown => plain(parseYaml(text, OPTIONS).root)

/** `offset message` of what is refused. */
function refusal(text: string): string {
  try {
    return `taken: ${JSON.stringify(read(text))}`
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    return `${error.offset} ${error.message}`
  }
}

describe('a text as go-yaml v3 takes it, where others do not', () => {
  it.each([
    ['U+0085 ends a line in quotes', "a: 'b\u0085c'", [['a', 'b c']]],
    ['and behind the sign of a block', 'a: |\u0085  b\n', [['a', 'b\n']]],
    ['a text in quotes may go on further to the left', 'a:\n  b: "c\nd"', [['a', [['b', 'c d']]]]],
    ['a tab may stand before a comment below another', 'a:\n  # b\n\t# c\n  d: e', [['a', [['d', 'e']]]]],
    ['and before one behind a `?`', '?\t# a\n  b\n: c', [['b', 'c']]],
    ['an anchor that is named again inside of itself keeps what is inside', '[&a [&a b], *a]', [['b'], 'b']],
    ['a version may have zeros', '%YAML 01.1\n---\na: b', [['a', 'b']]],
    ['a tag may be written whole', 'a: !<tag:yaml.org,2002:str> b', [['a', 'b']]],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual(value)
  })

  it('its first document only, and it is told where more begins', () => {
    expect(parseYaml('a: b\n---\n- c\n', OPTIONS).rest).toBe(5)
    expect(parseYaml('a: b\n...\n', OPTIONS).rest).toBeUndefined()
    expect(read(`a: b\n---\n${'c: d\n'.repeat(200)}\x01`)).toEqual([['a', 'b']])
  })

  it.each([
    ['a: b\n---\nc: \x01', '12 a control character may not stand in YAML'],
    [': a', "0 here another key of the map is expected; is the indentation right, and the ': '?"],
    ['a: *b', "3 there is no anchor '&b' above this alias"],
    ['%YAML 1.2\n---\n', '0 Docker reads YAML 1.1 and needs no %YAML'],
    ['a: "\\q"', "4 the escape '\\q' is not known in double quotes; a backslash is '\\\\'"],
    ['a: "b"c"', undefined],
    [`${'['.repeat(21)}`, '20 nested deeper than 20 levels'],
    [`${'- '.repeat(21)}a`, '40 nested deeper than 20 levels'],
    [`[${'a,'.repeat(1000)}]`, undefined],
  ])('%j is refused, and told why', (text, said) => {
    if (said === undefined) expect(refusal(text)).toMatch(/^\d/)
    else expect(refusal(text)).toBe(said)
  })

  it('a mark that says how the text is encoded is no part of its first line', () => {
    const marked = parseYaml('\ufeffa: b\nc: d', { ...OPTIONS, mark: true })
    expect(plain(marked.root)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(marked.root?.offset).toBe(1)
  })
})
