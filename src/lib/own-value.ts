/**
 * What stands under a name, and nothing that every object has: names come from labels and reports, and one may be
 * `constructor`.
 */
export const ownValue = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined
