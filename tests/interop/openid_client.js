// openid-client 6, doing all that it can with us, and jose, which verifies what nobody asked for. Started with one JSON
// argument: { issuer, web, device, scope, out, ended, api }.
// It says a JSON value a line: an address to open, which it is told the outcome of, or what it has seen.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'

const { issuer, web, device, scope, out, ended, api } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const loopback = { execute: [client.allowInsecureRequests] }

const say = (value) => console.log(JSON.stringify(value))
const heard = async () => JSON.parse((await lines.next()).value)

async function refusal(promise) {
  try {
    return (await promise).status
  } catch (refused) {
    return { status: refused.status, error: refused.error ?? refused.cause?.[0]?.parameters.error }
  }
}

// Of several servers one may hear of it a moment later.
async function felt(ask) {
  const end = performance.now() + 20_000
  let seen
  do seen = await ask()
  while (seen?.status !== 401 && performance.now() < end)
  return seen
}

async function signedIn(config, more) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
    maxAge: more.max_age,
  }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: web.redirect_uris[0],
    scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  })
  say({ open: url.href })
  return client.authorizationCodeGrant(config, new URL(await heard()), checks)
}

async function webApplication(config) {
  const read = (token) => client.fetchProtectedResource(config, token, new URL(api), 'GET')
  const first = await signedIn(config, { max_age: 600 })
  const { sub } = first.claims()
  const person = await client.fetchUserInfo(config, first.access_token, sub)
  const status = (await read(first.access_token)).status
  const second = await client.refreshTokenGrant(config, first.refresh_token)
  const told = await client.tokenIntrospection(config, second.access_token)
  await client.tokenRevocation(config, second.refresh_token)
  const revoked = await felt(() => refusal(read(second.access_token)))
  say({ scope: first.scope, person, status, refreshed: second.scope, told, revoked })
  return first
}

// The same person once more, in the same stay, and then no more.
async function stepUpAndOut(config, before) {
  const after = await signedIn(config, { max_age: 0, acr_values: 'phr urn:scopekeeper:acr:password' })
  const hearing = farewell(config)
  const state = client.randomState()
  const leaving = { post_logout_redirect_uri: out, id_token_hint: after.id_token, state }
  say({ open: client.buildEndSessionUrl(config, leaving).href })
  const returned = await heard() === `${out}?state=${state}`
  say({ before: before.claims(), after: after.claims(), returned, told: await hearing })
}

// What the server says of a session that has ended, verified as an application does (Back-Channel Logout §2.6).
async function farewell(config) {
  const { issuer, jwks_uri } = config.serverMetadata()
  const kind = { typ: 'logout+jwt', algorithms: ['RS256'], requiredClaims: ['iat', 'exp', 'jti'] }
  const rules = { ...kind, issuer, audience: web.client_id }
  const server = createServer().listen(new URL(`http://${ended}`).port, '127.0.0.1')
  const [request, response] = await once(server, 'request')
  const told = new URLSearchParams(await text(request))
  const { payload } = await jwtVerify(told.get('logout_token'), createRemoteJWKSet(new URL(jwks_uri)), rules)
  response.end()
  server.close()
  return payload
}

async function devices() {
  const config = await client.discovery(new URL(issuer), device.client_id, undefined, client.None(), loopback)
  const begun = await client.initiateDeviceAuthorization(config, { scope })
  say({ enter: begun.verification_uri, user_code: begun.user_code })
  const bought = await client.pollDeviceAuthorizationGrant(config, begun)
  const { status } = await client.fetchProtectedResource(config, bought.access_token, new URL(api), 'GET')
  say({ scope: bought.scope, status, sub: bought.claims().sub })
}

const config = await client.discovery(new URL(issuer), web.client_id, web.client_secret, undefined, loopback)
await stepUpAndOut(config, await webApplication(config))
await devices()
