// The same application with oidc-client-ts, whose UserManager keeps discovery, PKCE, state and nonce to itself.
const output = document.querySelector('output')
const { issuer, client_id, scope, extension } = await (await fetch('config.json')).json()
const manager = new oidc.UserManager({
  authority: issuer, client_id, scope, redirect_uri: location.origin + '/', loadUserInfo: true,
})

function called(token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  return fetch(new URL(path, issuer), { method, headers, body })
}

async function refusal(answer) {
  const said = (await answer).headers.get('www-authenticate')
  const told = (name) => said?.match(new RegExp(`${name}="([^"]*)"`))?.[1]
  return { status: (await answer).status, error: told('error'), scope: told('scope') }
}

async function back() {
  const user = await manager.signinCallback()
  history.replaceState(null, '', '/')
  const { access_token: token, profile: person } = user
  const forward = `/api/rest/callforward/users/${extension}`
  const changed = await called(token, 'PATCH', forward, JSON.stringify({ busy: '5550001' }))
  const query = JSON.stringify({ query: `{ callForward(extension: "${extension}") { busy } }` })
  const asked = await called(token, 'POST', '/api/graphql', query)
  const seen = { scope: user.scope, person, rest: await changed.json(), graphql: (await asked.json()).data }
  seen.refused = await refusal(called(token, 'GET', `/api/rest/extensions/${extension}`))
  await manager.revokeTokens(['access_token'])
  seen.revoked = await felt(() => refusal(called(token, 'GET', forward)))
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

document.querySelector('button').onclick = () => manager.signinRedirect()
if (location.search) {
  try {
    output.textContent = JSON.stringify(await back())
  } catch (error) {
    output.textContent = JSON.stringify({ failed: `${error}`, error: error.error })
  }
}
