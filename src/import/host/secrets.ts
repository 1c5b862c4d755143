import type { SurveyedFile } from '../../kinds/host/survey.ts'
import { groupsIn } from '../../kinds/program/from-wire.ts'
import { readUnitFile } from '../../kinds/unit/check-unit.ts'
import { holdsSecret, isSecretLike } from '../secret-like.ts'

/** What a file of systemd or supervisord holds of secrets, as people call it: names of variables and options. */
export function secretsOfUnit(text: string, type: string): readonly string[] {
  const { assignments } = readUnitFile(withComments(text), type)
  const found = assignments.flatMap(({ key, value }) => {
    if (key === 'Environment') return variablesIn(value)
    if (key === 'SetCredential' && value !== '') return ['SetCredential']
    return key.startsWith('Exec') ? optionsIn(value) : []
  })
  return distinct(found)
}

export function secretsOfProgram(name: string, text: string): readonly string[] {
  const processes = [text, withComments(text)].flatMap((one) => groupsIn(name, one)).flatMap((group) => group.processes)
  return distinct(
    processes.flatMap(({ environment, command }) => [
      ...Object.entries(environment).flatMap(([key, value]) => (isSecretLike(key, value) ? [key] : [])),
      ...optionsIn(command),
    ]),
  )
}

/** A secret that is commented out is still one. */
const withComments = (text: string): string => text.replace(/^[ \t]*[#;]+[ \t]*(?=\S+=)/gm, '')

function variablesIn(value: string): readonly string[] {
  const words = value.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"']+(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])*/g) ?? []
  return words.flatMap((word) => {
    const [, name = '', content = ''] = /^["']?([\w.-]+)=["']?(.*?)["']?$/s.exec(word) ?? []
    return isSecretLike(name, content) ? [name] : []
  })
}

/** `--api-key=…`, `--token …`; not what is put in when it runs. */
const optionsIn = (command: string): readonly string[] =>
  [...command.matchAll(/(?<=\s)(--?[\w-]+)(?:=|\s+)["']?([^\s"'-][^\s"']*)/g)].flatMap(([, option = '', value = '']) =>
    /^[$%]/.test(value) || !isSecretLike(option.replace(/^-+/, '').replaceAll('-', '_'), value) ? [] : [option],
  )

/** Names of what looks like one; empty where only its mode says that it is not for everybody. */
export const secretNames = ({ names }: SurveyedFile): readonly string[] =>
  names.filter((name) => isSecretLike(name, 'something'))

export const textHoldsSecret = (text: string): boolean =>
  holdsSecret(withComments(text)) || text.split('\n').some((line) => optionsIn(` ${line}`).length > 0)

const distinct = (items: readonly string[]): readonly string[] => [...new Set(items)]
