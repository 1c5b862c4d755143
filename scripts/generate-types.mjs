// Writes src/model/written/<name>.ts from schemas/<name>.json: what people may write, as types.
// `--check` writes nothing and fails where a file is not what its schema says.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'

const root = new URL('../', import.meta.url)
const schemas = new URL('schemas/', root)
const written = new URL('src/model/written/', root)
const check = process.argv.includes('--check')

const names = readdirSync(schemas).filter((name) => name.endsWith('.json') && name !== 'common.json')
const files = new Map(
  readdirSync(schemas)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(new URL(name, schemas), 'utf8'))]),
)
async function generate(name) {
  const schema = lifted(name)
  const text = await compile(schema, schema.title, {
    additionalProperties: false,
    bannerComment: `// Generated from schemas/${name} by \`npm run schemas\`. Do not edit.`,
    ignoreMinAndMaxItems: true,
    declareExternallyReferenced: true,
    unreachableDefinitions: false,
    format: false,
  })
  return formatted(readonly(text), name)
}

/** Only the schema itself and what `$ref` names gets a type of its own: titles of properties would all become types. */
function lifted(name) {
  const definitions = {}
  const schema = lift(files.get(name), { file: name, definitions })
  const { $id, $schema, definitions: _, ...rest } = schema
  return { ...rest, title: files.get(name).title, definitions }
}

function lift(schema, context) {
  if (Array.isArray(schema)) return schema.map((item) => lift(item, context))
  if (schema === null || typeof schema !== 'object') return schema
  if (typeof schema.$ref === 'string') return refer(schema, context)
  const { title, examples, definitions, ...rest } = schema
  return Object.fromEntries(
    Object.entries(rest)
      .filter(([key, value]) => !onlyRequires(key, value))
      .map(([key, value]) => [
        key,
        ['enum', 'const', 'default', 'required'].includes(key) ? value : liftIn(key, value, context),
      ]),
  )
}

/** `oneOf` over required keys alone: types cannot say it, and the generator would make anything of it. */
function onlyRequires(key, value) {
  if (!['oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else', 'dependencies', 'propertyNames'].includes(key))
    return false
  return (
    !['oneOf', 'anyOf', 'allOf'].includes(key) ||
    value.every((branch) => !('type' in branch || '$ref' in branch || 'const' in branch || 'enum' in branch))
  )
}

/** Below `properties` the keys are names of people's keys, not of JSON Schema's. */
function liftIn(key, value, context) {
  if (key !== 'properties') return lift(value, context)
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, lift(schema, context)]))
}

/** A definition becomes a type; a single property of another schema is copied. */
function refer(schema, { file, definitions }) {
  const [other, pointer = ''] = schema.$ref.split('#')
  const from = other || file
  const target = pointer
    .split('/')
    .slice(1)
    .reduce((here, key) => here[key], files.get(from))
  if (pointer.startsWith('/properties/')) return described(lift(target, { file: from, definitions }), schema)
  const key = pascal(pointer === '' ? from.replace('.json', '') : pointer.split('/').at(-1))
  if (!definitions[key]) {
    definitions[key] = {}
    definitions[key] = { ...lift(target, { file: from, definitions }), title: key }
  }
  return { $ref: `#/definitions/${key}` }
}

const described = (schema, beside) => ({
  ...schema,
  ...(beside.description ? { description: beside.description } : {}),
})

const pascal = (text) => text.replace(/(^|[-_])(\w)/g, (_, _dash, letter) => letter.toUpperCase())

/** Everything people wrote is read-only; the generator has no option for it. */
function readonly(text) {
  const properties = text
    .replace(/^(\s*)((?:[A-Za-z_$][\w$]*|"[^"]*")\??: )/gm, '$1readonly $2')
    .replace(/^(\s*)(\[k: string\]: )/gm, '$1readonly $2')
  return arrays(properties)
}

function arrays(text) {
  let done = text
  for (let at = done.indexOf('[]'); at !== -1; at = done.indexOf('[]', at + 1)) {
    const start = startOfType(done, at)
    const element = done.slice(start, at)
    done = `${done.slice(0, start)}ReadonlyArray<${element}>${done.slice(at + 2)}`
  }
  return done
}

/** Where the type in front of `[]` begins: a name, or a bracketed type. */
function startOfType(text, end) {
  const pairs = { ')': '(', '}': '{', '>': '<' }
  const close = text[end - 1]
  if (!(close in pairs)) return end - /[\w$]+$/.exec(text.slice(0, end))[0].length
  let open = 0
  for (let at = end - 1; at >= 0; at--) {
    if (text[at] === close) open++
    if (text[at] === pairs[close] && --open === 0) return close === '>' ? startOfType(text, at) : at
  }
  throw new Error('unbalanced brackets in generated types')
}

function formatted(text, name) {
  const biome = new URL('node_modules/.bin/biome', root).pathname
  const path = `src/model/written-${name.replace(/\.json$/, '.ts')}`
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], {
    cwd: root.pathname,
    input: text,
    encoding: 'utf8',
  })
}

mkdirSync(written, { recursive: true })
const stale = []
for (const name of names.sort()) {
  const target = new URL(name.replace(/\.json$/, '.ts'), written)
  const text = await generate(name)
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue
  if (!check) writeFileSync(target, text)
  stale.push(target.pathname.slice(root.pathname.length))
}
const expected = new Set(names.map((name) => name.replace(/\.json$/, '.ts')))
for (const name of readdirSync(written)) if (!expected.has(name)) stale.push(`src/model/written/${name} (no schema)`)
if (check && stale.length > 0) {
  console.error(`not what the schemas say; run npm run schemas:\n  ${stale.join('\n  ')}`)
  process.exitCode = 1
} else if (!check) console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'all types are what the schemas say')
