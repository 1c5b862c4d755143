const FORBIDDEN = /[\s~^:?*[\\\u007f]/

const hasControls = (name: string) => [...name].some((char) => char < ' ')

/** Why a name cannot be a branch or tag, by the rules of git-check-ref-format(1), or undefined. */
export function refNameRefusal(name: string): string | undefined {
  if (name === '' || name === '@') return 'is empty'
  if (name.length > 255) return 'is longer than 255 characters'
  // Else git would read it as an option (SEC-5).
  if (name.startsWith('-')) return "starts with '-'"
  if (FORBIDDEN.test(name) || hasControls(name)) return 'holds a character that git forbids'
  if (name.includes('..') || name.includes('@{')) return "holds '..' or '@{'"
  if (name.split('/').some(badPart)) return "has a part that is empty, starts or ends with '.', or ends with '.lock'"
  return undefined
}

const badPart = (part: string) => part === '' || part.startsWith('.') || part.endsWith('.') || part.endsWith('.lock')
