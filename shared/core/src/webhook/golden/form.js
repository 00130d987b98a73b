// Makes form.json: `npm i qs@6.5.3 && node form.js > form.json`. What npm's `request` 2.88 sends for `form: value` is
// `qs.stringify(value)` with five more characters escaped (its lib/querystring.js).
const qs = require('qs')
const form = value =>
  qs.stringify(value).replace(/[!'()*]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase())

// The same numbers in every run (mulberry32).
let seed = 20261122
const random = () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]

const texts = ['', 'a', 'Olá, mundo!', 'linha 1\nlinha 2', 'a b+c', '100%', 'x=1&y=2', "it's (ok) *", '~-._', '👩‍👩‍👧 família', '日本語',
  '\u0000\u0007\u007f', '"aspas"', '[0]', 'a[b]', '<br>', 'https://exemplo.com/?a=1#b', '\u00a0\ufeff', '5511999999999@c.us']
const names = ['id', 'body', 'message', 't', 'from', 'chat id', 'ação', 'a.b', 'a[b]', '0', '1', '10', '9', '01', '4294967295', '-1', '', 'é!', "'", 'qrCode', '_serialized', '🙂']
const numbers = [0, -0, 1, -1, 1700000000, 1700000000123, 0.1, -1.5, 1e21, 1e20, 123456789012345680000, 1e-6, 1e-7, 1.7976931348623157e308, 5e-324, 9007199254740991, -23.5505199, -46.6333094]
const value = depth => {
  const kind = below(depth > 0 ? 8 : 5)
  if (kind === 0) return null
  if (kind === 1) return random() < 0.5
  if (kind === 2) return random() < 0.5 ? pick(numbers) : (random() - 0.5) * Math.pow(10, below(40) - 20)
  if (kind < 5) return pick(texts)
  if (kind === 5) return Array.from({ length: below(4) }, () => value(depth - 1))
  return object(depth - 1)
}
const object = depth => {
  const members = {}
  // The code's own order: by name. JavaScript puts whole numbers first by itself.
  const chosen = [...new Set(Array.from({ length: below(5) }, () => pick(names)))]
  const bytes = name => Buffer.from(name)
  for (const name of chosen.sort((a, b) => Buffer.compare(bytes(a), bytes(b)))) members[name] = value(depth)
  return members
}

const cases = [
  { tipo: 'statusMudou', sessao: 'NOME DA SUA SESSAO', json: { message: 'CONNECTED' } },
  { tipo: 'AlterarStatusNumero', sessao: 'Recepção nº 1', json: { message: 'deletado' } },
  { tipo: 'qrcode', sessao: 's', json: { qrCode: '2@a/b+c==,d', qrCodeB64: 'data:image/png;base64,iVBORw0KGgo=' } },
  { tipo: 'recebendoMensagem', sessao: 's', json: { body: 'Olá <br> & tchau', id: 'false_5511999999999@c.us_3EB0', isMedia: false, mediaKey: null, mentionedIds: ['5511888887777@c.us'], quotedMsg: { body: '(ok)*' }, t: 1700000000 } },
  { tipo: 'x', sessao: '', json: null },
  { tipo: 'x', sessao: 's', json: {} },
  { tipo: 'x', sessao: 's', json: [] },
  { tipo: 'x', sessao: 's', json: [[], [[1]], {}, [null]] },
  { tipo: 'x', sessao: 's', json: true },
  ...numbers.map(json => ({ json })),
  ...texts.map(json => ({ json })),
  ...names.map(name => ({ json: { [name]: 'v' } })),
  ...Array.from({ length: 200 }, () => ({ json: value(4), sessao: pick(texts), tipo: 'x' }))
]
console.log('[')
console.log(cases.map(one => JSON.stringify({ members: Object.entries(one), form: form(one) })).join(',\n'))
console.log(']')
