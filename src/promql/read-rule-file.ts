import { LineTable } from '../desired/line-table.ts'
import { positionAt, type SourceFile } from '../desired/tree.ts'
import type { YamlNode } from '../yaml/node.ts'
import { YamlError } from '../yaml/yaml-error.ts'
import type { Label, Rule, RuleFile, RuleGroup, RuleProblem, Written } from './rule-file.ts'
import { createDecoding, type Decoded, decode, TooManyAliases } from './yaml/decode.ts'
import { placesOf } from './yaml/places.ts'
import { readRoot } from './yaml/read-root.ts'
import { RULE_FILE } from './yaml/shape.ts'

export interface ReadFile extends RuleFile {
  /** Otherwise the texts of its rules may be cut off anywhere. */
  readonly isYaml: boolean
}

/**
 * The groups of a rule file as Prometheus 2.42 decodes it: yaml.v3 with `KnownFields(true)`, the first document only.
 * Where it refuses, the groups are those that can be made out all the same.
 */
export function readRuleFile(text: string, path: string): ReadFile {
  const file: SourceFile = { path, lines: new LineTable(text) }
  const problems: RuleProblem[] = []
  const refuse: Refuse = (offset, message) => {
    problems.push({ severity: 'error', position: positionAt(file, offset), message })
  }
  const read = composed(text, refuse)
  const decoded = read?.root && decodeFile(read.root, refuse)
  const groups = itemsOf(decoded, 'groups').map((group) => groupOf(group, { file, text }))
  return { groups, problems, isYaml: read !== undefined }
}

type Refuse = (offset: number, message: string) => void

/** Undefined: it is no YAML. */
function composed(text: string, refuse: Refuse): { readonly root: YamlNode | undefined } | undefined {
  try {
    return { root: readRoot(text) }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    refuse(error.offset, error.message)
    return undefined
  }
}

function decodeFile(root: Decoded['node'], refuse: Refuse): Decoded | undefined {
  try {
    return decode(root, RULE_FILE, createDecoding(refuse))
  } catch (error) {
    if (!(error instanceof TooManyAliases)) throw error
    refuse(root.offset, 'the file is made of aliases to aliases')
    return undefined
  }
}

interface Reading {
  readonly file: SourceFile
  readonly text: string
}

const fieldOf = (value: Decoded | undefined, name: string): Decoded | undefined =>
  value && 'fields' in value ? value.fields.get(name)?.value : undefined

function itemsOf(value: Decoded | undefined, name: string): readonly Decoded[] {
  const list = fieldOf(value, name)
  return list && 'items' in list ? list.items : []
}

function textOf(value: Decoded | undefined, name: string): string {
  const text = fieldOf(value, name)
  return text && 'text' in text ? text.text : ''
}

function numberOf(value: Decoded | undefined, name: string): number {
  const number = fieldOf(value, name)
  return number && 'number' in number ? number.number : 0
}

const offsetOf = (value: Decoded, name: string): number => (fieldOf(value, name) ?? value).node.offset

function groupOf(group: Decoded, reading: Reading): RuleGroup {
  return {
    name: textOf(group, 'name'),
    position: positionAt(reading.file, offsetOf(group, 'name')),
    interval: numberOf(group, 'interval'),
    limit: numberOf(group, 'limit'),
    rules: itemsOf(group, 'rules').map((rule) => ruleOf(rule, reading)),
  }
}

function ruleOf(rule: Decoded, reading: Reading): Rule {
  const record = textOf(rule, 'record')
  const alert = textOf(rule, 'alert')
  const type = alert === '' && record !== '' ? 'record' : 'alert'
  const expr = fieldOf(rule, 'expr')
  return {
    type,
    name: type === 'alert' ? alert : record,
    position: positionAt(reading.file, offsetOf(rule, type)),
    alert,
    record,
    expr: writtenOf(expr ?? rule, expr && 'text' in expr ? expr.text : '', reading),
    for: numberOf(rule, 'for'),
    keepFiringFor: numberOf(rule, 'keep_firing_for'),
    labels: labelsOf(rule, 'labels', reading),
    annotations: labelsOf(rule, 'annotations', reading),
  }
}

function labelsOf(rule: Decoded, name: string, reading: Reading): readonly Label[] {
  const map = fieldOf(rule, name)
  if (!map || !('fields' in map)) return []
  return [...map.fields].map(([label, { key, value }]) => ({
    name: writtenOf({ node: key }, label, reading),
    value: value && 'text' in value ? writtenOf(value, value.text, reading) : writtenOf({ node: key }, '', reading),
  }))
}

function writtenOf({ node }: Pick<Decoded, 'node'>, text: string, { file, text: source }: Reading): Written {
  let places: readonly number[] | undefined
  const placeOf = (index: number) => {
    places ??= node.type === 'scalar' ? placesOf(source, node) : []
    return positionAt(file, places[Math.min(index, places.length - 1)] ?? node.offset)
  }
  return { text, position: positionAt(file, node.offset), placeOf }
}
