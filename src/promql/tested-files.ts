import type { YamlNode } from '../yaml/node.ts'
import { readRoot } from './yaml/read-root.ts'

/**
 * What a file of promtool's rule tests may read: all that stands under a `rule_files`, however deep, so that an anchor or a
 * merge hides none.
 * @throws YamlError
 */
export function testedFiles(text: string): readonly string[] {
  const root = readRoot(text)
  return root ? [...new Set(filesIn(root))] : []
}

function filesIn(node: YamlNode): readonly string[] {
  if (node.type === 'list') return node.items.flatMap(filesIn)
  if (node.type !== 'map') return []
  return node.pairs.flatMap(({ key, value }) => [...(isRuleFiles(key) ? textsIn(value) : []), ...filesIn(value)])
}

const isRuleFiles = (key: YamlNode): boolean =>
  key.type === 'alias' ? isRuleFiles(key.of() ?? NOTHING) : key.type === 'scalar' && key.value === 'rule_files'

const NOTHING: YamlNode = { type: 'list', items: [], offset: 0, tag: '', anchor: '' }

/** An alias is followed once: there are lists of lists of aliases, and aliases of what they stand in. */
function textsIn(node: YamlNode, seen = new Set<YamlNode>()): readonly string[] {
  if (seen.has(node)) return []
  seen.add(node)
  if (node.type === 'scalar') return [node.value]
  if (node.type === 'alias') return textsIn(node.of() ?? NOTHING, seen)
  return node.type === 'list' ? node.items.flatMap((item) => textsIn(item, seen)) : []
}
