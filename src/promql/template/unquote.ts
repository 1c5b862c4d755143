import { NotPromql } from '../expr/flaw.ts'
import { readStringAt } from '../expr/strings.ts'
import { NotTemplate } from './not-template.ts'
import type { TemplateToken } from './tokens.ts'

/** A Go string or character constant, whose escapes are PromQL's. @throws NotTemplate */
export function unquote({ text, at }: TemplateToken): string {
  try {
    return readStringAt(text, 0).value
  } catch (error) {
    throw error instanceof NotPromql ? new NotTemplate(at + error.flaw.at, error.message) : error
  }
}
