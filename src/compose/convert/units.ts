/** Go counts in nanoseconds, specs in milliseconds. */
export const milliseconds = (nanoseconds: bigint | undefined): number | undefined =>
  nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6
