/** What a unit is, by its name. */
export interface UnitName {
  /** `service`, `socket`, … */
  readonly type: string
  /** `name@.type`, of `name@.type` itself and of its instances; undefined for others. */
  readonly template?: string
  readonly instance?: string
}

export function parseUnitName(name: string): UnitName {
  const dot = name.lastIndexOf('.')
  const type = name.slice(dot + 1)
  const at = name.indexOf('@')
  if (at === -1 || at > dot) return { type }
  const instance = name.slice(at + 1, dot)
  const template = `${name.slice(0, at)}@.${type}`
  return { type, template, ...(instance === '' ? {} : { instance }) }
}

export const isTemplate = ({ template, instance }: UnitName): boolean =>
  template !== undefined && instance === undefined
