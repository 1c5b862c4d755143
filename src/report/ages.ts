const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** `3 min ago`, `in 2 h`: the largest unit is enough to decide by. */
export function ageOf(iso: string, now: Date): string {
  const ms = now.getTime() - Date.parse(iso)
  if (Number.isNaN(ms)) return iso
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ms) >= length) ?? ['s', 1000]
  const count = Math.floor(Math.abs(ms) / size)
  if (count === 0) return ms < 0 ? 'in a moment' : 'now'
  return ms > 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`
}
