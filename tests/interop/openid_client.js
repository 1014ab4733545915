// openid-client 6, doing all that it can with us. Started with one JSON argument: { issuer, web, device, scope, api }.
// It says a JSON value a line: an address to open, which it is told the outcome of, or what it has seen.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const { issuer, web, device, scope, api } = JSON.parse(process.argv[2])
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

async function webApplication() {
  const config = await client.discovery(new URL(issuer), web.client_id, web.client_secret, undefined, loopback)
  const read = (token) => client.fetchProtectedResource(config, token, new URL(api), 'GET')
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
    maxAge: 600,
  }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: web.redirect_uris[0],
    scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: checks.maxAge,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  say({ open: url.href })
  const first = await client.authorizationCodeGrant(config, new URL(await heard()), checks)
  const { sub } = first.claims()
  const person = await client.fetchUserInfo(config, first.access_token, sub)
  const status = (await read(first.access_token)).status
  const second = await client.refreshTokenGrant(config, first.refresh_token)
  const told = await client.tokenIntrospection(config, second.access_token)
  await client.tokenRevocation(config, second.refresh_token)
  const revoked = await felt(() => refusal(read(second.access_token)))
  say({ scope: first.scope, person, status, refreshed: second.scope, told, revoked })
}

async function devices() {
  const config = await client.discovery(new URL(issuer), device.client_id, undefined, client.None(), loopback)
  const begun = await client.initiateDeviceAuthorization(config, { scope })
  say({ enter: begun.verification_uri, user_code: begun.user_code })
  const bought = await client.pollDeviceAuthorizationGrant(config, begun)
  const { status } = await client.fetchProtectedResource(config, bought.access_token, new URL(api), 'GET')
  say({ scope: bought.scope, status, sub: bought.claims().sub })
}

await webApplication()
await devices()
