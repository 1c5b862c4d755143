import { oneOf, type Random } from '../seeded.ts'
import { EXPRESSION_CHANGES } from './expression-mutations.ts'
import { CHARACTERS, DURATIONS, KEYS, LABELS, METRICS, TEMPLATES } from './words.ts'

/** Changes a text; undefined where it finds nothing that it could change. */
export type Change = (text: string, random: Random) => string | undefined

/** One line of many, and what stands around it. */
function atLine(text: string, random: Random, change: (line: string) => string | undefined): string | undefined {
  const lines = text.split('\n')
  const at = random(lines.length)
  const changed = change(lines[at] ?? '')
  return changed === undefined ? undefined : [...lines.slice(0, at), changed, ...lines.slice(at + 1)].join('\n')
}

/** The line of a key anywhere in the text, taken at random. */
function atKey(keys: RegExp, change: (value: string, random: Random) => string | undefined): Change {
  return (text, random) => {
    const found = [...text.matchAll(new RegExp(`^([ \\t]*(?:- )?(?:${keys.source}):[ \\t]+)(\\S.*)$`, 'gm'))]
    if (found.length === 0) return undefined
    const [whole, before = '', value = ''] = oneOf(found, random)
    const at = text.indexOf(whole)
    const changed = change(value, random)
    return changed === undefined ? undefined : text.slice(0, at) + before + changed + text.slice(at + whole.length)
  }
}

const to = (words: readonly string[]) => (_: string, random: Random) => oneOf(words, random)

const quoted = (text: string, random: Random): string =>
  random(2) === 0 ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? ''

const CHARACTER_CHANGES: Readonly<Record<string, Change>> = {
  'a character goes': (text, random) => {
    const at = random(text.length)
    return text.slice(0, at) + text.slice(at + 1)
  },
  'a character comes': (text, random) => {
    const at = random(text.length + 1)
    return text.slice(0, at) + oneOf(CHARACTERS, random) + text.slice(at)
  },
  'a character becomes another': (text, random) => {
    const at = random(text.length)
    return text.slice(0, at) + oneOf(CHARACTERS, random) + text.slice(at + 1)
  },
  'characters change places': (text, random) => {
    const at = random(Math.max(1, text.length - 1))
    return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
  },
  'the end is missing': (text, random) => text.slice(0, random(text.length)),
}

const LINE_CHANGES: Readonly<Record<string, Change>> = {
  'a line goes': (text, random) => {
    const lines = text.split('\n')
    return lines.toSpliced(random(lines.length), 1).join('\n')
  },
  'a line comes twice': (text, random) => atLine(text, random, (line) => `${line}\n${line}`),
  'lines change places': (text, random) => {
    const lines = text.split('\n')
    const [a, b] = [random(lines.length), random(lines.length)]
    return lines
      .with(a, lines[b] ?? '')
      .with(b, lines[a] ?? '')
      .join('\n')
  },
  'a line moves in': (text, random) => atLine(text, random, (line) => `${' '.repeat(1 + random(3))}${line}`),
  'a line moves out': (text, random) =>
    atLine(text, random, (line) => line.slice(Math.min(indentOf(line).length, 1 + random(3)))),
  'a tab indents': (text, random) => atLine(text, random, (line) => line.replace(/^ +/, '\t')),
  'a line is a comment': (text, random) => atLine(text, random, (line) => `# ${line}`),
  'a comment comes': (text, random) => atLine(text, random, (line) => `${line} # why`),
  'a blank line comes': (text, random) => atLine(text, random, (line) => `\n${line}`),
  'lines are joined': (text, random) => text.replace(/\n/g, (end) => (random(60) === 0 ? ' ' : end)),
  'a dash comes': (text, random) => atLine(text, random, (line) => line.replace(/\S/, '- $&')),
  'a dash goes': (text, random) => atLine(text, random, (line) => line.replace('- ', '')),
  'spaces at the end': (text, random) => atLine(text, random, (line) => `${line}  `),
  'lines end as in Windows': (text) => text.replaceAll('\n', '\r\n'),
}

const KEY_CHANGES: Readonly<Record<string, Change>> = {
  'a key comes': (text, random) =>
    atLine(text, random, (line) => `${indentOf(line).replace('- ', '  ')}${oneOf(KEYS, random)}\n${line}`),
  'a key comes in a rule': (text, random) =>
    atKey(/alert|record|expr/, (value) => `${value}\n${'      '.slice(0, 6)}${oneOf(KEYS, random)}`)(text, random),
  'a key is misspelt': (text, random) =>
    atLine(text, random, (line) =>
      line.replace(
        /([a-z]+):/,
        (_, key: string) =>
          `${key.slice(0, -1)}${oneOf(['', 's', 'x', 'X', key.at(-1)?.toUpperCase() ?? ''], random)}:`,
      ),
    ),
  'a key is another': (text, random) =>
    atLine(text, random, (line) =>
      line.replace(
        /[a-z]+:/,
        `${oneOf(['alert', 'record', 'expr', 'for', 'labels', 'annotations', 'name', 'rules', 'groups', 'interval'], random)}:`,
      ),
    ),
  'a colon goes': (text, random) => atLine(text, random, (line) => line.replace(':', '')),
  'a space behind a colon goes': (text, random) => atLine(text, random, (line) => line.replace(': ', ':')),
  'a duration is another': atKey(/for|interval/, to(DURATIONS)),
  'a name is another': atKey(/alert|name/, to(METRICS)),
  'a metric is recorded': (text, random) => text.replace(/alert:.*/, `record: ${oneOf(METRICS, random)}`),
  'a label is another': (text, random) => {
    const found = [...text.matchAll(/^( +)(severity|summary|description|[a-z_]+): /gm)]
    if (found.length === 0) return undefined
    const { 0: whole, 1: indent = '', index } = oneOf(found, random)
    return `${text.slice(0, index)}${indent}${oneOf(LABELS, random)}: ${text.slice(index + whole.length)}`
  },
  'a value is nothing': atKey(/[a-z_]+/, () => ''),
  'a value is a list': atKey(/[a-z_]+/, (value) => `[${value.replaceAll(/[[\]{},"']/g, '')}]`),
  'a value is a map': atKey(/[a-z_]+/, () => '{a: b}'),
  'a value is quoted': atKey(/[a-z_]+/, quoted),
  'a value is a block': atKey(
    /expr|summary|description/,
    (value, random) =>
      `${oneOf(['|', '>', '|-', '>+', '|2', '|9', '|x'], random)}\n${' '.repeat(4 + random(8))}${value}`,
  ),
  'a value goes on': atKey(/expr|summary|description/, (value, random) =>
    value.replace(' ', `\n${' '.repeat(random(12))}`),
  ),
  'quotes go': atKey(/[a-z_]+/, (value) => (/^["']/.test(value) ? value.slice(1, -1) : undefined)),
  'a quote goes': atKey(/[a-z_]+/, (value) => (/["']$/.test(value) ? value.slice(0, -1) : undefined)),
  'quotes are others': atKey(/[a-z_]+/, (value) => value.replaceAll('"', "'")),
}

const YAML_CHANGES: Readonly<Record<string, Change>> = {
  'an anchor': atKey(/[a-z_]+/, (value) => `&x ${value}`),
  'an anchor and its alias': (text, random) => {
    const anchored = atKey(/for|severity|expr|summary/, (value) => (value.startsWith('&') ? undefined : `&x ${value}`))(
      text,
      random,
    )
    return (
      anchored &&
      atKey(/for|severity|expr|summary/, (value) => (value.startsWith('&') ? undefined : '*x'))(anchored, random)
    )
  },
  'an alias of nothing': atKey(/[a-z_]+/, () => '*nothing'),
  'a tag': atKey(
    /[a-z_]+/,
    (value, random) =>
      `${oneOf(['!!str', '!!int', '!!null', '!x', '!', '!!binary', '!!float', '!!bool', '!!map'], random)} ${value}`,
  ),
  'a merge': (text) => text.replace(/^( +)labels:$/m, '$1<<: {for: 7m}\n$1labels:'),
  'a second document': (text, random) => `${text}\n---\n${oneOf(['groups: []', 'x: y', '[', ''], random)}\n`,
  'a document before': (text, random) =>
    `${oneOf(['', 'groups: []', 'x: y', '# nothing', '%YAML 1.1', '%YAML 1.2', '%TAG ! x'], random)}\n---\n${text}`,
  'a document ends': (text, random) =>
    atLine(text, random, (line) => `${line}\n${oneOf(['---', '...', '--- x'], random)}`),
  'a byte order mark': (text) => `\ufeff${text}`,
  'all in one': (text, random) =>
    oneOf(
      [
        '',
        '~',
        '[]',
        '{}',
        'groups:',
        'groups: []',
        'groups: {}',
        'groups: x',
        '- groups: []',
        'groups: [null]',
        `"${text}`,
      ],
      random,
    ),
  'a group comes twice': (text) => `${text}\n${text.replace(/^groups:\n/m, '')}`,
  'another group': (text, random) =>
    `${text.trimEnd()}\n${oneOf(['', '  ', '    '], random)}- name: ${oneOf(METRICS, random)}\n      rules: []\n`,
  'a group without a name': (text) => text.replace(/name:.*/, 'interval: 1m'),
}

const TEMPLATE_CHANGES: Readonly<Record<string, Change>> = {
  'a template comes': atKey(/summary|description|severity/, (value, random) =>
    JSON.stringify(`${value.replaceAll(/["\\]/g, '')} ${oneOf(TEMPLATES, random)}`),
  ),
  'a template as it is': atKey(/summary|description/, (_, random) => oneOf(TEMPLATES, random)),
  'templates follow each other': atKey(
    /summary|description/,
    (_, random) => `'${[1, 2, 3].map(() => oneOf(TEMPLATES, random).replaceAll("'", "''")).join(' ')}'`,
  ),
  'a template breaks': (text, random) => {
    const found = [...text.matchAll(/\{\{.*?\}\}/g)]
    if (found.length === 0) return undefined
    const { 0: whole, index } = oneOf(found, random)
    const at = index + random(whole.length + 1)
    return random(2) === 0
      ? text.slice(0, at) + text.slice(at + 1)
      : text.slice(0, at) + oneOf([...'$|.{}()x1-="'], random) + text.slice(at)
  },
  'a function of a template is another': (text, random) =>
    text.replace(
      /\| *(humanize\w*|printf)/,
      `| ${oneOf(['humanize', 'humanise', 'first', 'tableLink', '5', '', '"x"'], random)}`,
    ),
}

/** By how many places each kind has among changes taken at random: expressions and structure the most. */
const CHANGES: readonly (readonly [number, Readonly<Record<string, Change>>])[] = [
  [3, CHARACTER_CHANGES],
  [4, LINE_CHANGES],
  [5, KEY_CHANGES],
  [3, YAML_CHANGES],
  [7, EXPRESSION_CHANGES],
  [3, TEMPLATE_CHANGES],
]

export interface Mutated {
  readonly text: string
  readonly by: readonly string[]
}

/** One change, sometimes two or three. */
export function mutated(text: string, random: Random): Mutated {
  const times = oneOf([1, 1, 1, 2, 3], random)
  let now: Mutated = { text, by: [] }
  for (let tries = 0; now.by.length < times && tries < 20; tries++) {
    const kind = oneOf(
      CHANGES.flatMap(([weight, changes]) => Array.from({ length: weight }, () => changes)),
      random,
    )
    const [name, change] = oneOf(Object.entries(kind), random)
    const changed = change(now.text, random)
    if (changed !== undefined && changed !== now.text) now = { text: changed, by: [...now.by, name] }
  }
  return now
}
