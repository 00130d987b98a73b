// A Baileys client against the simulator. It pairs with the phone of a number, does its role, prints one JSON
// object a line on stdout for whatever happens, and ends with 0 when the role is done, 1 when it could not be.
//
//   node client.mjs --ws ws://127.0.0.1:PORT/ws/chat --admin http://127.0.0.1:PORT --role ROLE --number NUMBER …
//
//   --role exchange --contact NUMBER   sends the contact a text and reads it there, gets one from it and confirms it
//   --role send --to NUMBER --text T   sends a text and waits until it is delivered (--until sent|delivered|read)
//   --role receive [--count N] [--reply T]   prints the texts that come, answers each with T, ends after N (1)
//
//   --role photo --to NUMBER --file F  sends the file as a photo and waits until it is delivered
//   --role receive-photo               prints the photo that comes, and answers with the same bytes as a document
//
//   --role history --count N           prints what came as history, once there are N messages
//   --role app-state --contact NUMBER  pins the chat and sees the phone do so with a mute
//
//   --role group --code CODE --contact NUMBER   joins by the code, exchanges texts with the contact there, and looks at it:
//                                      its picture, about text, presence and typing
//
//   --role group-text --code CODE --text T      joins by the code, waits for a text there and writes T in answer
//
//   --media URL     where files are that the library would fetch from WhatsApp's own host
//   --pair qr|code  how it is linked (qr)
//   --state DIR    keeps the client's state there and resumes from it, else in a directory that is removed at the end
//   --timeout S    seconds until it gives up (60)
//
// Events: {"event":"ready"} once logged in, {"event":"sent","id"}, {"event":"status","id","status"}, {"event":"refused","id","code"},
// {"event":"text","id","from","text"}, {"event":"photo","id","caption","length","sha256"}, {"event":"history","chats","messages","newest","names"}, {"event":"group","subject","size","addressing"},
// {"event":"profile","picture","about"}, {"event":"presence","is"}, {"event":"done"}, {"event":"failed","reason"}.

import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import makeWASocket, {
  DisconnectReason, WA_CERT_DETAILS, downloadMediaMessage, useMultiFileAuthState
} from 'baileys'

const text = { type: 'string' }
const { values: args } = parseArgs({
  options: {
    ws: text, admin: text, role: text, number: text, contact: text, to: text, text, until: text,
    count: text, reply: text, state: text, timeout: text, file: text, pair: text, media: text, code: text
  }
})
for (const name of ['ws', 'admin', 'role', 'number']) {
  if (!args[name]) {
    console.error(`--${name} is missing`)
    process.exit(2)
  }
}

const tell = (event, more = {}) => console.log(JSON.stringify({ event, ...more }))
const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
// The library prints some of what it does past its logger; stdout is ours.
console.info = console.warn = console.debug = () => {}

async function admin(method, path, body) {
  const response = await fetch(args.admin + path, {
    method,
    headers: body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${method} ${path.split('?')[0]}: ${response.status}`)
  return answer ? JSON.parse(answer) : undefined
}

// History and snapshots of app state name no host, and the library takes its own for them.
if (args.media) {
  const { fetch } = globalThis
  globalThis.fetch = (url, options) => fetch(String(url).replace('https://mmg.whatsapp.net', args.media), options)
}

/** Asks again until there is an answer; the timeout of the whole ends it otherwise. */
async function until(find) {
  for (;;) {
    const found = await find()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

// Baileys counts: 1 pending, 2 the server's ack, 3 delivered, 4 read.
const LEVELS = { sent: 2, delivered: 3, read: 4 }
const directory = args.state ?? (await mkdtemp(join(tmpdir(), 'carteiro-baileys-')))
const texts = []
const photos = []
const history = { chats: new Map(), messages: new Map(), names: 0 }
const chatUpdates = []
const statuses = new Map()
let socket
let ready
const opened = new Promise(resolve => (ready = resolve))
let finished = false

async function finish(code, event, more) {
  if (finished) return
  finished = true
  try {
    socket?.end(undefined)
  } catch {
    // It may never have been open.
  }
  // The library may be writing its state still.
  if (!args.state) await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }).catch(() => {})
  tell(event, more)
  process.exit(code)
}
const fail = reason => finish(1, 'failed', { reason: String(reason?.message ?? reason) })
setTimeout(() => fail('timed out'), Number(args.timeout ?? 60) * 1000)
process.on('unhandledRejection', fail)

// The check of the certificate chain stays on; its root is the simulator's instead of WhatsApp's.
const { root_key: rootKey } = await admin('GET', '/admin/root-key')
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')

/** Types a code into the phone, once the server knows of it: the library does not wait for its answer. */
const enterCode = code => until(() =>
  admin('POST', '/admin/mock-phone/enter-code', { number: args.number, code }).catch(error => {
    if (!error.message.endsWith(': 404')) throw error
  }))

async function connect() {
  const { state, saveCreds } = await useMultiFileAuthState(directory)
  socket = makeWASocket({
    waWebSocketUrl: args.ws,
    auth: state,
    logger: silent,
    browser: ['Carteiro', 'Chrome', '1.0'],
    generateHighQualityLinkPreview: false
  })
  let scanned = false
  const raise = (id, status) => {
    if (status > (statuses.get(id) ?? 1)) {
      statuses.set(id, status)
      tell('status', { id, status })
    }
  }
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', async ({ connection, qr, lastDisconnect }) => {
    if (qr && !scanned) {
      scanned = true
      const linked = args.pair === 'code'
        ? socket.requestPairingCode(args.number).then(enterCode)
        : admin('POST', `/admin/mock-phone/scan-qr?number=${args.number}`, qr)
      await linked.catch(fail)
    }
    if (connection === 'open') ready()
    if (connection === 'close' && !finished) {
      const code = lastDisconnect?.error?.output?.statusCode
      if (code === DisconnectReason.loggedOut || code === DisconnectReason.connectionReplaced) {
        await fail(`closed with ${code}`)
      } else {
        // 515 after pairing, or a lost connection.
        await connect().catch(fail)
      }
    }
  })
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const whole of messages) {
      const { key, message, status } = whole
      // A receipt that comes early is merged into the event of the own message that it is for.
      if (key.fromMe && status) raise(key.id, status)
      if (!key.fromMe && message?.imageMessage) photos.push(whole)
      const body = message?.conversation ?? message?.extendedTextMessage?.text
      if (key.fromMe || body === undefined || body === null) continue
      const number = [key.remoteJidAlt, key.remoteJid].find(jid => jid?.endsWith('@s.whatsapp.net'))
      const from = number?.split('@')[0].split(':')[0]
      texts.push({ id: key.id, from, text: body, chat: key.remoteJid })
      tell('text', { id: key.id, from, text: body })
    }
  })
  socket.ev.on('messaging-history.set', ({ chats, messages, contacts }) => {
    history.names += contacts.filter(contact => contact.notify).length
    for (const chat of chats) history.chats.set(chat.id, chat)
    for (const message of messages) history.messages.set(message.key.id, message)
  })
  socket.ev.on('chats.update', updates => chatUpdates.push(...updates))
  // The library says nothing of its own about a plain ack, so that is read from the wire.
  socket.ws.on('CB:ack,class:message', ({ attrs }) => {
    if (attrs.error) tell('refused', { id: attrs.id, code: attrs.error })
    else raise(attrs.id, LEVELS.sent)
  })
  socket.ev.on('messages.update', updates => {
    for (const { key, update } of updates) if (update.status) raise(key.id, update.status)
  })
}

/** Sends a text, once it is known that the number is on WhatsApp. */
async function send(number, body) {
  const [found] = await socket.onWhatsApp(number)
  if (!found?.exists) throw new Error('the recipient is not on WhatsApp')
  const { key } = await socket.sendMessage(found.jid, { text: body })
  tell('sent', { id: key.id })
  return key.id
}

const reached = (id, level) => until(() => (statuses.get(id) ?? 0) >= LEVELS[level])

const roles = {
  async exchange() {
    const contact = args.contact
    await admin('POST', '/admin/accounts', { number: contact })
    const out = `text from Baileys ${Date.now()}`
    const id = await send(contact, out)
    await until(async () => {
      const { messages } = await admin('GET', `/admin/accounts/${contact}/messages`)
      return messages.some(m => m.id === id && m.text === out && m.from === args.number)
    })
    await reached(id, 'delivered')
    await admin('POST', `/admin/accounts/${contact}/read`, { ids: [id] })
    await reached(id, 'read')
    const back = `text to Baileys ${Date.now()}`
    const sent = await admin('POST', `/admin/accounts/${contact}/messages`, { to: args.number, text: back })
    await until(() => texts.some(t => t.id === sent.id && t.text === back && t.from === contact))
    await until(async () => {
      const { messages } = await admin('GET', `/admin/accounts/${contact}/sent`)
      return messages.some(m => m.id === sent.id && m.receipts.delivered >= 1)
    })
  },
  async send() {
    await reached(await send(args.to, args.text), args.until ?? 'delivered')
  },
  async photo() {
    const [found] = await socket.onWhatsApp(args.to)
    const image = await readFile(args.file)
    // A thumbnail of its own, since making one takes a library that is not installed here.
    const content = { image, caption: 'de Baileys', jpegThumbnail: image.subarray(0, 64).toString('base64') }
    const { key } = await socket.sendMessage(found.jid, content)
    tell('sent', { id: key.id })
    await reached(key.id, args.until ?? 'delivered')
  },
  async 'receive-photo'() {
    const photo = await until(() => photos[0])
    const bytes = await downloadMediaMessage(photo, 'buffer', {}, {
      logger: silent, reuploadRequest: socket.updateMediaMessage
    })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    tell('photo', { id: photo.key.id, caption: photo.message.imageMessage.caption, length: bytes.length, sha256 })
    const content = { document: bytes, mimetype: 'application/octet-stream', fileName: 'eco.bin' }
    const { key } = await socket.sendMessage(photo.key.remoteJid, content)
    tell('sent', { id: key.id })
    await reached(key.id, 'sent')
  },
  async history() {
    await until(() => history.messages.size >= Number(args.count) && history.names > 0)
    const messages = [...history.messages.values()].map(({ key, message, messageTimestamp }) => ({
      id: key.id, fromMe: key.fromMe, at: Number(messageTimestamp), text: message?.conversation
    }))
    const newest = messages.reduce((one, other) => (other.at > one.at ? other : one))
    tell('history', { chats: history.chats.size, messages: messages.length, newest, names: history.names })
  },
  async 'app-state'() {
    const { accounts } = await admin('GET', '/admin/accounts')
    const { lid } = accounts.find(account => account.number === args.contact)
    const path = `/admin/accounts/${args.number}/app-state`
    // Patches are sealed with the newest key that the phone has shared.
    await until(() => socket.authState.creds.myAppStateKeyId)
    await socket.chatModify({ pin: true }, lid)
    await until(async () => {
      const { chats } = await admin('GET', path)
      return chats.some(chat => chat.with === args.contact && chat.pinned)
    })
    await admin('POST', path, { chats: [{ with: args.contact, mute: true, archive: true }] })
    await until(() => chatUpdates.some(chat => chat.id === lid && Number(chat.muteEndTime) === -1))
    await until(() => chatUpdates.some(chat => chat.id === lid && chat.archived === true))
    const { refused } = await admin('GET', path)
    if (refused) throw new Error('a patch was refused')
  },
  async group() {
    const contact = `${args.contact}@s.whatsapp.net`
    const group = await socket.groupAcceptInvite(args.code)
    const { subject, size, addressingMode } = await socket.groupMetadata(group)
    tell('group', { subject, size, addressing: addressingMode })
    const { id } = await admin('POST', `/admin/accounts/${args.contact}/messages`, { to: group, text: 'bem-vindo' })
    await until(() => texts.some(t => t.id === id && t.chat === group && t.text === 'bem-vindo'))
    const { key } = await socket.sendMessage(group, { text: 'obrigado' })
    tell('sent', { id: key.id })
    await reached(key.id, 'sent')
    await until(async () => {
      const { messages } = await admin('GET', `/admin/accounts/${args.contact}/messages`)
      return messages.some(m => m.id === key.id && m.text === 'obrigado' && m.group === group)
    })
    const [{ status }] = await socket.fetchStatus(contact)
    tell('profile', { picture: await socket.profilePictureUrl(contact, 'image'), about: status.status })
    const seen = []
    socket.ev.on('presence.update', ({ presences }) => {
      for (const { lastKnownPresence: is } of Object.values(presences)) seen.push(is)
    })
    await socket.sendPresenceUpdate('available')
    await socket.presenceSubscribe(contact)
    const path = `/admin/accounts/${args.contact}`
    await until(() => seen.includes('unavailable'))
    await admin('POST', `${path}/presence`, { available: true })
    await until(() => seen.includes('available'))
    await admin('POST', `${path}/chat-states`, { to: args.number, state: 'composing' })
    await until(() => seen.includes('composing'))
    for (const is of seen) tell('presence', { is })
    await socket.sendPresenceUpdate('composing', contact)
    await until(async () => {
      const { chat_states: states } = await admin('GET', `${path}/chat-states`)
      return states.some(({ from, state }) => from === args.number && state === 'composing')
    })
    const refused = await socket.groupAcceptInvite('abcdefghijklmnopqrstuv').catch(error => error.data)
    if (refused !== 404) throw new Error(`an unknown code: ${refused}`)
    await socket.groupLeave(group)
  },
  async 'group-text'() {
    const group = await socket.groupAcceptInvite(args.code)
    const { subject, size, addressingMode } = await socket.groupMetadata(group)
    tell('group', { subject, size, addressing: addressingMode })
    await until(() => texts.some(t => t.chat === group))
    const { key } = await socket.sendMessage(group, { text: args.text })
    tell('sent', { id: key.id })
    await reached(key.id, 'sent')
  },
  async receive() {
    const count = Number(args.count ?? 1)
    for (let seen = 0; seen < count; seen++) {
      const got = await until(() => texts[seen])
      if (args.reply) {
        const { key } = await socket.sendMessage(got.chat, { text: args.reply })
        tell('sent', { id: key.id })
        await reached(key.id, 'sent')
      }
    }
  }
}

try {
  if (!roles[args.role]) throw new Error(`no role ${args.role}`)
  await connect()
  await opened
  tell('ready')
  await roles[args.role]()
  await finish(0, 'done')
} catch (error) {
  await fail(error)
}
