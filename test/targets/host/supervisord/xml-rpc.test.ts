import { describe, expect, it } from 'vitest'
import { readAnswer, writeCall } from '../../../../src/targets/host/supervisord/xml-rpc.ts'

const answer = (value: string) =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`

describe('a call', () => {
  it('holds what it is told, whatever it holds', () => {
    expect(writeCall('supervisor.startProcess', ['a<&>b', -3, false])).toBe(
      '<?xml version="1.0"?><methodCall><methodName>supervisor.startProcess</methodName><params>' +
        '<param><value><string>a&lt;&amp;&gt;b</string></value></param><param><value><int>-3</int></value></param>' +
        '<param><value><boolean>0</boolean></value></param></params></methodCall>',
    )
  })

  it('may hold calls', () => {
    expect(writeCall('system.multicall', [[{ methodName: 'a', params: [] }]])).toContain(
      '<array><data><value><struct><member><name>methodName</name><value><string>a</string></value></member>' +
        '<member><name>params</name><value><array><data></data></array></value></member></struct></value></data></array>',
    )
  })
})

describe('an answer', () => {
  it.each([
    ['<string>a &lt;b&gt; &amp;amp; &#233;&#x1F600;</string>', 'a <b> &amp; é😀'],
    ['<string></string>', ''],
    ['<string/>', ''],
    ['plain', 'plain'],
    ['<int>-7</int>', -7],
    ['<boolean>1</boolean>', true],
    ['<nil/>', null],
    ['<base64>aGk=</base64>', 'hi'],
    ['<array><data>\n</data></array>', []],
    [
      '<array><data><value><int>1</int></value>\n<value><string> a\n b </string></value></data></array>',
      [1, ' a\n b '],
    ],
    ['<struct>\n<member>\n<name>pid</name>\n<value><int>1</int></value>\n</member>\n</struct>', { pid: 1 }],
  ])('%s is read', (xml, value) => {
    expect(readAnswer(answer(xml))).toEqual({ value })
  })

  it('may hold control characters of a log, which XML forbids', () => {
    expect(readAnswer(answer('<string>\u001b[31mred\u0000</string>'))).toEqual({ value: '\u001b[31mred\u0000' })
  })

  it('may be a fault', () => {
    const fault =
      '<fault><value><struct><member><name>faultCode</name><value><int>92</int></value></member>' +
      '<member><name>faultString</name><value><string>CANT_REREAD: x</string></value></member></struct></value></fault>'
    expect(readAnswer(`<?xml version='1.0'?><methodResponse>${fault}</methodResponse>`)).toEqual({
      fault: { code: 92, message: 'CANT_REREAD: x' },
    })
  })

  it.each(['', '<html></html>', answer('<string>a').slice(0, 90), answer('<struct><member>')])(
    'that is none is refused: %s',
    (xml) => {
      expect(() => readAnswer(xml)).toThrow(SyntaxError)
    },
  )
})
