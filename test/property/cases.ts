/** Of each law. `SWARMKEEPER_CASES=10000` looks longer. */
export const CASES = Number(process.env.SWARMKEEPER_CASES ?? 1_000)
