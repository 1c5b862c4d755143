/**
 * Which paths a pattern means: `*` and `?` stay within a folder, `**` does not, `{a,b}` is either. A pattern without a
 * slash is a file's name in any folder.
 */
export function matcherOf(pattern: string): (path: string) => boolean {
  const anchored = pattern.replace(/^\.?\//, '')
  const expression = new RegExp(`^${anchored.includes('/') ? '' : '(?:.*/)?'}${sourceOf(anchored)}$`)
  return (path) => expression.test(path)
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\{|\}|,|[^*?{},]+/g

function sourceOf(pattern: string): string {
  let depth = 0
  return (pattern.match(TOKEN) ?? [])
    .map((token) => {
      if (token === '{') depth++
      if (token === '}') depth--
      if (token === ',') return depth > 0 ? '|' : ','
      return MEANING[token] ?? token.replace(/[.+^$()|[\]\\]/g, '\\$&')
    })
    .join('')
}

const MEANING: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '{': '(?:',
  '}': ')',
}
