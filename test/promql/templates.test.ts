import { describe, expect, it } from 'vitest'
import { checkTemplate } from '../../src/promql/template/parse.ts'

describe('a template', () => {
  it.each([
    'Instance {{ $labels.instance }} has {{ $value | humanizePercentage }}',
    '{{ printf "%.2f" $value }}{{- /* why */ -}}',
    '{{ range $i, $s := query "up" }}{{ if $i }}, {{ else if eq 1 2 }}{{ break }}{{ end }}{{ $s.Labels.job }}{{ end }}',
    '{{ with query "up" }}{{ . | first | value }}{{ else }}none{{ end }}',
    '{{ define "x" }}{{ . }}{{ end }}{{ template "x" $value }}',
    '{{ $x := 0x1F }}{{ $x = 1.5e3 }}{{ ($x) }}',
    '{ not } one }}',
  ])('that Prometheus takes: %s', (text) => {
    expect(checkTemplate(text)).toBeUndefined()
  })

  it.each([
    ['{{ $value', "9 an action is not closed with '}}'"],
    ['{{ }}', '3 a value is missing in this action'],
    ['{{ $value | humanise }}', "12 templates know no function 'humanise'; did you mean 'humanize'?"],
    ['{{ $lables.job }}', "3 there is no variable '$lables'; did you mean '$labels'?"],
    ['{{ if $value }}a', "16 the template ends where '{{end}}' is expected"],
    ['a {{ end }}', '2 this belongs to no {{if}}, {{range}} or {{with}}'],
    ['{{ break }}', "3 'break' stands inside {{range}} only"],
    ['{{ $value | 5 }}', "12 behind '|' stands something that can be called"],
    ['{{ .foo-bar }}', "7 '-' may not follow '.foo' directly"],
    ['{{ "a }}', '3 a text in quotes is not closed'],
    ['{{ (query "up" }}', "15 a '(' is not closed"],
    ['{{ define "x" }}{{ $value }}{{ end }}', "19 there is no variable '$value'"],
    ['{{ $a, $b := 1 }}', '3 too many variables in this action'],
  ])('that it refuses: %s', (text, said) => {
    const flaw = checkTemplate(text)
    expect(`${flaw?.at} ${flaw?.message}`).toBe(said)
  })
})
