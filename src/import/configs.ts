import type { Found } from './found.ts'

/** Configs whose bytes are no text: they stay what they are, referred to by name. */
export function binaryConfigs(found: Found): ReadonlyMap<string, string> {
  const binary = [...found.configs.values()].filter(({ base64 }) => {
    const bytes = Buffer.from(base64, 'base64')
    return !Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes)
  })
  return new Map(binary.map(({ name }) => [name, 'its content is no text, so it is only referred to']))
}
