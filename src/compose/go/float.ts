const DECIMAL =
  /^[-+]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/
const HEX = /^([-+]?)0[xX]_?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)?(?:\.([0-9a-fA-F]+)?)?[pP]([-+]?[0-9]+)$/

/** A number as Go reads one out of a text (`strconv.ParseFloat`): `1.5`, `1_000`, `1e3`, `0x1p-2`. Undefined where it is none. */
export function parseGoFloat(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text.replaceAll('_', '')) : hexOf(text)
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function hexOf(text: string): number | undefined {
  const [, sign, written = '', fraction = '', power = '0'] = HEX.exec(text) ?? []
  const digits = written.replaceAll('_', '') + fraction
  if (sign === undefined || digits === '') return undefined
  const size = Number.parseInt(digits, 16) * 2 ** (Number(power) - 4 * fraction.length)
  return sign === '-' ? -size : size
}
