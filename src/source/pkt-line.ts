/** The end of a message, and of a part of one. */
export const FLUSH = '0000'
export const DELIMITER = '0001'

/** A text with its length before it, in four hex digits (gitprotocol-common(5)). */
export const packetOf = (text: string): string => {
  const line = `${text}\n`
  return `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, '0')}${line}`
}

/** The texts, without the ends of their lines; undefined: these are no packets. What only separates is left out. */
export function textsOf(bytes: Buffer): readonly string[] | undefined {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + 4)
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    if (Number.isNaN(length) || length === 3 || at + length > bytes.length) return undefined
    if (length >= 4) texts.push(bytes.toString('utf8', at + 4, at + length).replace(/\n$/, ''))
    at += Math.max(length, 4)
  }
  return texts
}
