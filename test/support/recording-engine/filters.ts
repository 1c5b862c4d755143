/** `filters={"label":["a=b"]}`: the values of one key are alternatives, except labels, which must all hold. */
export type Filters = Readonly<Record<string, readonly string[]>>

interface Named {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** Swarm compares names and ids by their beginning. */
export function matchesName(filters: Filters, { id, name, labels }: Named): boolean {
  const begins = (values: readonly string[] | undefined, text: string) =>
    values === undefined || values.some((value) => text.startsWith(value))
  return (
    begins(filters.id, id) &&
    begins(filters.name, name) &&
    (filters.names === undefined || filters.names.includes(name)) &&
    hasLabels(filters, labels)
  )
}

export function hasLabels({ label = [] }: Filters, labels: Readonly<Record<string, string>>): boolean {
  return label.every((wanted) => {
    const at = wanted.indexOf('=')
    return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1)
  })
}

/** The older form is an object of objects: `{"name": {"web": true}}`. */
export function parseFilters(text: string | null): Filters {
  const parsed: unknown = JSON.parse(text === null || text === '' ? '{}' : text)
  return Object.fromEntries(
    Object.entries(parsed as object).map(([key, values]) => [
      key,
      Array.isArray(values) ? values : Object.keys(values),
    ]),
  )
}
