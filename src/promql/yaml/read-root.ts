import type { YamlNode } from '../../yaml/node.ts'
import { parseYaml } from '../../yaml/parse-yaml.ts'

/**
 * The first document of a file, as Prometheus' own programs decode no other one. Undefined: there is none. Whoever reads
 * the file bounds its size, and with it its tokens.
 * @throws YamlError
 */
export const readRoot = (text: string): YamlNode | undefined =>
  parseYaml(text, { program: 'Prometheus', mark: true, depth: 200, tokens: Number.POSITIVE_INFINITY }).root
