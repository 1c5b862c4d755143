const FIRST_MS = 2_000

/** Of a message that alone fails. */
export const LONGEST_OF_MESSAGE_MS = 300_000

/** Of a sink that fails with every message: soon after it is well again it is found so. */
export const LONGEST_OF_SINK_MS = 60_000

/** Doubled after each failure in a row, with jitter down to its half. */
export function backoffMs(failures: number, { longest, random }: { longest: number; random: () => number }): number {
  return Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 30), longest) * (0.5 + random() / 2)
}
