const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

const SIZE = /^(\d{1,16}(?:\.\d{1,9})?) ?([kmgtp]?)(i?b)?$/i

/**
 * Bytes of `256MiB`, `10m`, `4GiB`, `1.5g`, `512b`, `1024`, or of a number. As Docker reads sizes (docker/go-units
 * RAMInBytes), every unit is a power of 1024, with or without the `i`: `10m`, `10MB` and `10MiB` are the same.
 * @throws RangeError whose message says what was got and what is accepted
 */
export function parseSize(written: string | number): number {
  const match = SIZE.exec(String(written))
  const power = POWERS[(match?.[2] ?? '').toLowerCase()]
  const lone = match?.[2] === '' && match[3]?.toLowerCase() === 'ib'
  if (!match || power === undefined || lone) {
    const got = String(written).slice(0, 64)
    throw new RangeError(`'${got}' is not a size like 256MiB, 10m, 4GiB or a number of bytes`)
  }
  const bytes = Math.floor(Number(match[1]) * 1024 ** power)
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`the size '${written}' is larger than 8 PiB`)
  return bytes
}

export function isSize(written: string | number): boolean {
  try {
    parseSize(written)
    return true
  } catch {
    return false
  }
}

/** In the largest unit that keeps it readable: 268435456 -> `256MiB`, 1500 -> `1.5KiB`. */
export function formatSize(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(5, Math.floor(Math.log2(bytes) / 10))
  const unit = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'][power] ?? 'B'
  return `${Math.round((bytes / 1024 ** power) * 10) / 10}${unit}`
}
