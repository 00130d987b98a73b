// Many Baileys clients in one process against the simulator, for benchmarks. It does what its standard input asks for, a line
// each, and tells what came of it on stdout, an object of JSON a line.
//
//   NODE_EXTRA_CA_CERTS=ca.pem node --expose-gc fleet.mjs --ws wss://127.0.0.1:PORT/ws/chat --admin http://127.0.0.1:PORT \
//     --first NUMBER [--contact NUMBER] [--state DIR]
//
//   --first     the number of the first client; those that follow count up from it
//   --contact   the first one's recipient; those that follow count up from it
//   --state     keeps each client's keys in a file there and none in memory, as a store outside of the process does
//
//   connect N   pairs clients until there are N                    {"event":"connected","sessions":N}
//   send N      each writes N texts to its recipient, one after another, all clients at once, and waits for WhatsApp's
//               acknowledgement of each                            {"event":"sent","messages":M}

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import makeWASocket, { BufferJSON, WA_CERT_DETAILS, initAuthCreds, proto } from 'baileys'

const text = { type: 'string' }
const { values: args } = parseArgs({
  options: { ws: text, admin: text, first: text, contact: text, state: text }
})
/** How many clients pair at the same time. */
const AT_ONCE = 8

const tell = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n')
const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
console.log = console.info = console.warn = console.debug = () => {}
const fail = error => {
  tell('failed', { reason: String(error?.message ?? error) })
  process.exit(1)
}
process.on('unhandledRejection', fail)

async function admin(method, path, body) {
  const json = typeof body === 'object'
  const response = await fetch(args.admin + path, {
    method,
    headers: json ? { 'content-type': 'application/json' } : {},
    body: json ? JSON.stringify(body) : body
  })
  if (!response.ok) throw new Error(`${method} ${path.split('?')[0]}: ${response.status}`)
  const answer = await response.text()
  return answer ? JSON.parse(answer) : undefined
}

const { root_key: rootKey } = await admin('GET', '/admin/root-key')
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')

/** Keys in memory, or in a file of which nothing stays in memory. */
function keyStore(number) {
  const path = args.state && join(args.state, `${number}.json`)
  let kept = {}
  let turn = Promise.resolve()
  const read = async () => {
    if (!path) return kept
    return JSON.parse(await readFile(path, 'utf8').catch(() => '{}'), BufferJSON.reviver)
  }
  const one = work => (turn = turn.then(work))
  return {
    get: (type, ids) => one(async () => {
      const all = (await read())[type] ?? {}
      const found = {}
      for (const id of ids) {
        let value = all[id]
        if (type === 'app-state-sync-key' && value) value = proto.Message.AppStateSyncKeyData.fromObject(value)
        if (value) found[id] = value
      }
      return found
    }),
    set: data => one(async () => {
      const all = await read()
      for (const [type, entries] of Object.entries(data)) {
        all[type] ??= {}
        for (const [id, value] of Object.entries(entries)) {
          if (value) all[type][id] = value
          else delete all[type][id]
        }
      }
      if (path) await writeFile(path, JSON.stringify(all, BufferJSON.replacer))
      else kept = all
    })
  }
}

function client(place) {
  const number = String(BigInt(args.first) + BigInt(place))
  const auth = { creds: initAuthCreds(), keys: keyStore(number) }
  const acknowledged = new Map()
  let socket
  const connect = () => new Promise((resolve, reject) => {
    let scanned = false
    const open = () => {
      socket = makeWASocket({
        waWebSocketUrl: args.ws, auth, logger: silent, browser: ['Carteiro', 'Chrome', '1.0'],
        generateHighQualityLinkPreview: false
      })
      socket.ev.on('creds.update', update => Object.assign(auth.creds, update))
      socket.ev.on('connection.update', ({ connection, qr }) => {
        if (qr && !scanned) {
          scanned = true
          admin('POST', `/admin/mock-phone/scan-qr?number=${number}`, qr).catch(reject)
        }
        if (connection === 'open') resolve()
        // 515 after pairing.
        if (connection === 'close') open()
      })
      // The library says nothing of its own about a plain ack, so that is read from the wire.
      socket.ws.on('CB:ack,class:message', ({ attrs }) => {
        if (attrs.error) fail(`a message was refused with ${attrs.error}`)
        acknowledged.get(attrs.id)?.()
      })
    }
    open()
  })
  const send = async count => {
    const jid = `${BigInt(args.contact) + BigInt(place)}@s.whatsapp.net`
    const acks = []
    for (let nth = 0; nth < count; nth++) {
      const messageId = `3EB0${place.toString(16).padStart(6, '0')}${(sequence++).toString(16).padStart(10, '0')}`.toUpperCase()
      acks.push(new Promise(resolve => acknowledged.set(messageId, resolve)))
      await socket.sendMessage(jid, { text: `texto ${nth}` }, { messageId })
    }
    await Promise.all(acks)
    acknowledged.clear()
  }
  return { connect, send }
}
let sequence = 0
const clients = []

const orders = {
  async connect(count) {
    const wanted = count - clients.length
    let begun = 0
    const worker = async () => {
      while (begun++ < wanted) {
        const next = client(clients.length)
        clients.push(next)
        await next.connect()
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted) }, worker))
    // What pairing leaves is not what a session takes.
    await new Promise(resolve => setTimeout(resolve, 5000))
    globalThis.gc?.()
    tell('connected', { sessions: clients.length })
  },
  async send(count) {
    await Promise.all(clients.map(one => one.send(count)))
    tell('sent', { messages: clients.length * count })
  }
}

tell('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [order, count] = line.split(' ')
  await orders[order](Number(count)).catch(fail)
}
process.exit(0)
