// Checks the signature of a webhook of Carteiro. Node.js 18 or newer, no packages.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** How many seconds old a delivery may be. Each try is signed anew, so this only has to cover clocks and the network. */
export const TOLERANCE = 300

/**
 * @param {string} secret    what PUT /v2/webhooks answered, "whsec_" included
 * @param {string} signature the header X-Signature
 * @param {Buffer} body      the body as it came, before anything parses it
 * @param {number} [now]     seconds since 1970
 * @returns {boolean} whether it is from your Carteiro, whole, and new
 */
export function verify(secret, signature, body, now = Date.now() / 1000) {
  const parts = (signature ?? '').split(',').map((part) => part.split('='))
  const time = parts.find(([name]) => name === 't')?.[1] ?? ''
  if (!/^\d+$/.test(time) || Math.abs(now - Number(time)) > TOLERANCE) return false
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  // After a change of the secret there are two v1 for a day: one of them is enough.
  return parts.some(([name, hex]) => {
    const given = Buffer.from(name === 'v1' ? (hex ?? '') : '', 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

// node verify.mjs < body, with SECRET and SIGNATURE in the environment.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const valid = verify(process.env.SECRET ?? '', process.env.SIGNATURE ?? '', readFileSync(0))
  console.log(valid ? 'valid' : 'refused')
  process.exit(valid ? 0 : 1)
}
