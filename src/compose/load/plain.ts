import { isNumber, isTime, type Node, type Scalar } from '../yaml/node.ts'

/** As JSON has it, which is what the schemas see: a date is a text there. */
export function toJson(node: Node): unknown {
  if (node.type === 'scalar') return jsonScalar(node.value)
  if (node.type === 'list') return node.items.map(toJson)
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toJson(entry.value)]))
}

function jsonScalar(value: Scalar): string | number | boolean | null {
  if (isNumber(value)) return value.number
  return isTime(value) ? value.json : value
}

/** The first number that JSON has no word for: Docker stops at one. */
export function notJson(node: Node): Node | undefined {
  if (node.type === 'scalar') return isNumber(node.value) && !Number.isFinite(node.value.number) ? node : undefined
  const inside = node.type === 'list' ? node.items : [...node.entries.values()].map((entry) => entry.value)
  for (const one of inside) {
    const found = notJson(one)
    if (found) return found
  }
  return undefined
}
