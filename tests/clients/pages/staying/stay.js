// An application with oidc-client-ts that keeps its user from page to page, until they sign out of it or of another.
// This page is where people come back to, whether they signed in or out; `ended.html` is what the server shows in a frame.
const output = document.querySelector('output')
const { issuer, client_id, scope } = await (await fetch('config.json')).json()
const here = location.origin + location.pathname
const manager = new oidc.UserManager({
  authority: issuer, client_id, scope, redirect_uri: here, silent_redirect_uri: here, post_logout_redirect_uri: here,
  userStore: new oidc.WebStorageStateStore({ store: localStorage }),
})
const asked = new URLSearchParams(location.search)

// What happened here is written down with who is signed in now.
async function told(happened) {
  const user = await manager.getUser()
  output.textContent = JSON.stringify({ ...happened, person: user?.profile ?? null })
}

async function arrived() {
  if (asked.has('code') || asked.has('error')) return void await manager.signinCallback()
  if (asked.has('state')) return { left: (await manager.signoutCallback()).userState }
}

async function silently() {
  try {
    return { silent: (await manager.signinSilent({ forceIframeAuth: true })).profile.sub }
  } catch (refused) {
    return { silent: refused.error ?? `${refused}` }
  }
}

document.querySelector('[name=in]').onclick = () => manager.signinRedirect()
document.querySelector('[name=ask]').onclick = async () => told(await silently())
document.querySelector('[name=out]').onclick = () => manager.signoutRedirect({ state: 'out of here' })
const happened = await arrived()
history.replaceState(null, '', here)
await told({ ...happened, check: await manager.metadataService.getCheckSessionIframe() ?? 'not offered' })
