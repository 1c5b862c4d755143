import { type Aggregation, type Binary, type Call, type Expr, partsOf } from './ast.ts'
import type { ExprFlaw } from './flaw.ts'
import { FUNCTIONS, type ValueType } from './functions.ts'
import { checkMatchers } from './matchers.ts'

/** What Prometheus 2.42 refuses in a tree that its grammar accepts (`checkAST`): each mistake, in order of the text. */
export function checkTypes(expr: Expr): readonly ExprFlaw[] {
  const flaws = partsOf(expr).flatMap(checkTypes)
  return [...flaws, ...checkOne(expr)]
}

const NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'a number',
  vector: 'an instant vector',
  matrix: 'a range vector (a selector with [5m], or a subquery)',
  string: 'a text',
}

/** What an expression yields, whatever is wrong inside it. */
function typeOf(expr: Expr): ValueType {
  switch (expr.type) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'range':
    case 'subquery':
      return 'matrix'
    case 'call':
      return FUNCTIONS.get(expr.name)?.returns ?? 'vector'
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector'
    case 'unary':
    case 'paren':
      return typeOf(expr.expr)
    default:
      return 'vector'
  }
}

function checkOne(expr: Expr): readonly ExprFlaw[] {
  switch (expr.type) {
    case 'aggregation':
      return checkAggregation(expr)
    case 'binary':
      return checkBinary(expr)
    case 'call':
      return checkCall(expr)
    case 'selector':
      return checkMatchers(expr)
    case 'subquery':
      return expect(expr.expr, ['vector'], 'a subquery')
    case 'unary':
      return expect(expr.expr, ['scalar', 'vector'], `a sign ('${expr.operator}')`)
    default:
      return []
  }
}

function expect(expr: Expr, wanted: readonly ValueType[], where: string): readonly ExprFlaw[] {
  const got = typeOf(expr)
  if (wanted.includes(got)) return []
  return [
    { at: expr.from, message: `${where} takes ${wanted.map((type) => NAMES[type]).join(' or ')}, not ${NAMES[got]}` },
  ]
}

function checkAggregation({ operator, expr, parameter }: Aggregation): readonly ExprFlaw[] {
  const flaws = expect(expr, ['vector'], operator)
  if (!parameter) return flaws
  const type = operator === 'count_values' ? 'string' : 'scalar'
  return [...expect(parameter, [type], `the first argument of ${operator}`), ...flaws]
}

function checkCall({ from, name, args }: Call): readonly ExprFlaw[] {
  const signature = FUNCTIONS.get(name)
  if (!signature) return []
  const { least, most, args: types } = signature
  const flaws = args.flatMap((arg, index) => {
    const type = types[Math.min(index, types.length - 1)]
    return type === undefined || (index >= types.length && least === most) ? [] : expect(arg, [type], `${name}()`)
  })
  if (args.length >= least && args.length <= most) return flaws
  const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`
  return [
    { at: from, message: `${name}() takes ${wanted} argument${wanted === '1' ? '' : 's'}, got ${args.length}` },
    ...flaws,
  ]
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<=', '<', '>=', '>'])
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless'])

function checkBinary(expr: Binary): readonly ExprFlaw[] {
  const { left, right, operator, operatorFrom: at } = expr
  const where = `'${operator}'`
  const operands = [left, right].flatMap((side) => expect(side, ['scalar', 'vector'], where))
  return [...operands, ...operatorMistakes(expr).map((message) => ({ at, message }))]
}

function operatorMistakes({ left, right, operator, bool, matching }: Binary): readonly string[] {
  const types = [typeOf(left), typeOf(right)]
  const vectors = types.every((type) => type === 'vector')
  const both = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined
  const mistakes: readonly (readonly [boolean, string])[] = [
    [bool && !COMPARISONS.has(operator), `'bool' stands behind comparisons only, and '${operator}' is none`],
    [
      COMPARISONS.has(operator) && !bool && types.every((type) => type === 'scalar'),
      `two numbers are compared with '${operator} bool'`,
    ],
    [both !== undefined, `the label '${both}' stands in 'on' and in 'group_${matching.group}' at once`],
    [!vectors && matching.labels.length > 0, "'on' and 'ignoring' stand between instant vectors only"],
    [vectors && SETS.has(operator) && matching.group !== undefined, `'${operator}' knows no group_${matching.group}`],
    [SETS.has(operator) && types.includes('scalar'), `'${operator}' stands between instant vectors, not numbers`],
  ]
  return mistakes.flatMap(([wrong, message]) => (wrong ? [message] : []))
}
