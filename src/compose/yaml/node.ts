/**
 * What a compose file says, as Docker's YAML reader (go-yaml v3) takes it, with where each value stands. Offsets are
 * UTF-16 units from the beginning of the file. What an alias stands for is shared and never changed.
 */
export type Node = ScalarNode | MapNode | ListNode

export interface ScalarNode extends Written {
  readonly type: 'scalar'
  /** Behind it, its quotes included. */
  readonly end: number
  readonly value: Scalar
}

export interface MapNode extends Written {
  readonly type: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

interface ListNode extends Written {
  readonly type: 'list'
  readonly items: readonly Node[]
}

interface Written {
  readonly start: number
}

export interface Entry {
  /** Offset of the key. */
  readonly key: number
  readonly value: Node
}

export type Scalar = string | boolean | null | GoNumber | GoTime

/** Go tells whole numbers from others, and prints both its own way. */
export interface GoNumber {
  readonly go: 'int' | 'float'
  readonly number: number
  /** As `fmt.Sprint` prints it: `1.10` is `1.1`, `1e6` is `1e+06`, every digit of a large whole number is there. */
  readonly text: string
}

/** A date that stands without quotes. */
export interface GoTime {
  readonly go: 'time'
  /** As `fmt.Sprint` prints it: `2001-01-01 00:00:00 +0000 UTC`. */
  readonly text: string
  /** As JSON has it, which is what the schemas of compose files see. */
  readonly json: string
}

export const isNumber = (value: Scalar): value is GoNumber =>
  typeof value === 'object' && value !== null && value.go !== 'time'

export const isTime = (value: Scalar): value is GoTime =>
  typeof value === 'object' && value !== null && value.go === 'time'

/** As Go prints a value into a text: what becomes of a number in an environment. */
export function printed(value: Scalar): string {
  if (typeof value === 'object') return value?.text ?? '<nil>'
  return String(value)
}
