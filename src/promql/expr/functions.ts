export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

export interface Signature {
  readonly args: readonly ValueType[]
  /** How many more of the last one may follow; what `optional` counts may also be left out. */
  readonly returns: ValueType
  /** How many arguments at the least and at the most. */
  readonly least: number
  readonly most: number
}

const plain = (returns: ValueType, ...args: readonly ValueType[]): Signature => ({
  args,
  returns,
  least: args.length,
  most: args.length,
})

/** The last argument may be left out, or stand there up to `most` times in all. */
const optional = (signature: Signature, most = signature.most): Signature => ({
  ...signature,
  least: signature.least - 1,
  most,
})

const many = (names: string, signature: Signature): readonly (readonly [string, Signature])[] =>
  names.split(' ').map((name) => [name, signature])

/** Prometheus 2.42 `promql/parser/functions.go`. */
export const FUNCTIONS: ReadonlyMap<string, Signature> = new Map([
  ...many('abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor', plain('vector', 'vector')),
  ...many('histogram_count histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc', plain('vector', 'vector')),
  ...many('sqrt tan tanh timestamp', plain('vector', 'vector')),
  ...many('absent_over_time avg_over_time changes count_over_time delta deriv idelta', plain('vector', 'matrix')),
  ...many('increase irate last_over_time max_over_time min_over_time present_over_time', plain('vector', 'matrix')),
  ...many('rate resets stddev_over_time stdvar_over_time sum_over_time', plain('vector', 'matrix')),
  ...many(
    'day_of_month day_of_week day_of_year days_in_month hour minute month year',
    optional(plain('vector', 'vector')),
  ),
  ...many('clamp_max clamp_min', plain('vector', 'vector', 'scalar')),
  ...many('pi time', plain('scalar')),
  ['clamp', plain('vector', 'vector', 'scalar', 'scalar')],
  ['histogram_fraction', plain('vector', 'scalar', 'scalar', 'vector')],
  ['histogram_quantile', plain('vector', 'scalar', 'vector')],
  ['holt_winters', plain('vector', 'matrix', 'scalar', 'scalar')],
  ['label_join', optional(plain('vector', 'vector', 'string', 'string', 'string'), Number.POSITIVE_INFINITY)],
  ['label_replace', plain('vector', 'vector', 'string', 'string', 'string', 'string')],
  ['predict_linear', plain('vector', 'matrix', 'scalar')],
  ['quantile_over_time', plain('vector', 'scalar', 'matrix')],
  ['round', optional(plain('vector', 'vector', 'scalar'))],
  ['scalar', plain('scalar', 'vector')],
  ['vector', plain('vector', 'scalar')],
])
