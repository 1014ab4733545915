// A single-page application with oauth4webapi: it signs its user in, uses all that it may, gives its token back, and
// writes down what it saw. config.json says where the server is and who this is.
import * as oauth from './oauth4webapi.js'

const output = document.querySelector('output')
const { issuer, client_id, scope, extension } = await (await fetch('config.json')).json()
const client = { client_id }
const redirect_uri = location.origin + '/'
const loopback = { [oauth.allowInsecureRequests]: true }

const server = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), loopback),
)

async function leave() {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  sessionStorage.setItem('asked', JSON.stringify({ verifier, state, nonce }))
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({
    client_id, redirect_uri, scope, state, nonce,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  location.assign(url)
}

async function back() {
  const { verifier, state, nonce } = JSON.parse(sessionStorage.getItem('asked'))
  const answered = oauth.validateAuthResponse(server, client, new URL(location.href), state)
  history.replaceState(null, '', '/')
  const bought = await oauth.processAuthorizationCodeResponse(
    server, client,
    await oauth.authorizationCodeGrantRequest(
      server, client, oauth.None(), answered, redirect_uri, verifier, loopback,
    ),
    { expectedNonce: nonce, requireIdToken: true },
  )
  const { sub } = oauth.getValidatedIdTokenClaims(bought)
  const person = await oauth.processUserInfoResponse(
    server, client, sub, await oauth.userInfoRequest(server, client, bought.access_token, loopback),
  )
  const seen = { scope: bought.scope, person, rest: await rest(bought), graphql: await graphql(bought) }
  seen.refused = await refusal(bought, `/api/rest/extensions/${extension}`)
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, oauth.None(), bought.access_token, loopback),
  )
  seen.revoked = await felt(() => refusal(bought, `/api/rest/callforward/users/${extension}`))
  return seen
}

// Of several servers one may hear of it a moment later.
async function felt(ask) {
  const end = performance.now() + 20_000
  let seen
  do seen = await ask()
  while (seen?.status !== 401 && performance.now() < end)
  return seen
}

function called({ access_token }, method, path, body) {
  const headers = new Headers(body ? { 'content-type': 'application/json' } : {})
  return oauth.protectedResourceRequest(access_token, method, new URL(path, issuer), headers, body, loopback)
}

async function rest(bought) {
  const path = `/api/rest/callforward/users/${extension}`
  const changed = await called(bought, 'PATCH', path, JSON.stringify({ busy: '5550001' }))
  return changed.json()
}

async function graphql(bought) {
  const query = `{ callForward(extension: "${extension}") { busy } }`
  const answer = await called(bought, 'POST', '/api/graphql', JSON.stringify({ query }))
  return (await answer.json()).data
}

async function refusal(bought, path) {
  try {
    return (await called(bought, 'GET', path)).status
  } catch (error) {
    const [challenge] = error.cause ?? [{ parameters: { error: String(error) } }]
    return { status: error.status, error: challenge.parameters.error, scope: challenge.parameters.scope }
  }
}

document.querySelector('button').onclick = leave
if (location.search) {
  try {
    output.textContent = JSON.stringify(await back())
  } catch (error) {
    output.textContent = JSON.stringify({ failed: `${error}`, cause: `${error.cause}`, error: error.error })
  }
}
