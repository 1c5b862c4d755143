import { printGoDuration } from './go/duration.ts'
import type { ComposeModel, Plain } from './model.ts'
import { isNumber, isTime, type Scalar } from './yaml/node.ts'

type View = string | number | boolean | null | readonly View[] | { readonly [key: string]: View }

/** What `docker stack config` prints of a model, as plain values. */
export function configView(model: ComposeModel): View {
  const { version, services, networks, volumes, secrets, configs, extras } = model
  const sections = Object.entries({ networks, volumes, secrets, configs }).filter(
    ([, section]) => Object.keys(section).length > 0,
  )
  return view({ version, services, ...Object.fromEntries(sections), extras }, '') as View
}

/** Sizes are printed as texts; so is one that is zero, in no place. */
const SIZES = new Set(['memory', 'required_bytes', 'limit_bytes'])

function view(value: unknown, key: string): unknown {
  if (typeof value === 'bigint') return printGoDuration(value)
  if (typeof value === 'number' && SIZES.has(key)) return String(value)
  if (Array.isArray(value)) return value.map((item) => view(item, ''))
  if (typeof value !== 'object' || value === null) return value
  if (key === 'ulimits') return mapValues(value, (limit) => ('single' in Object(limit) ? Object(limit).single : limit))
  if (key === 'discrete_resource_spec') return { kind: '', value: 0, ...value }
  const { extras = {}, ...own } = value as { readonly extras?: Readonly<Record<string, Plain>> }
  return { ...mapValues(withoutEmpty(own), view), ...mapValues(extras, (extra) => plain(extra as Plain)) }
}

const mapValues = (value: object, change: (item: unknown, key: string) => unknown): object =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]))

/** Empty options of a driver count for what is sent, empty lists for what is merged: they are not printed. */
const withoutEmpty = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).filter(
      ([key, item]) =>
        (key !== 'driver_opts' && key !== 'options' && !Array.isArray(item)) || Object.keys(Object(item)).length > 0,
    ),
  )

/** A key that begins with `x-`, as it is. */
function plain(value: Plain): View {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null && !('go' in value))
    return mapValues(value, (item) => plain(item as Plain)) as View
  return scalar(value as Scalar)
}

function scalar(value: Scalar): View {
  if (isNumber(value)) return value.number
  return isTime(value) ? value.text : value
}
