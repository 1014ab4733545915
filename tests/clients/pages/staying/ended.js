// Shown in a frame by the server: of whom and of which of their sessions (OpenID Connect Front-Channel Logout §3).
// All of it is done at once, for nobody waits for a frame that has loaded.
const asked = new URLSearchParams(location.search)
for (const key of Object.keys(localStorage).filter((each) => each.startsWith('oidc.user:'))) {
  const { iss, sid } = JSON.parse(localStorage[key]).profile
  if (iss === asked.get('iss') && sid === asked.get('sid')) localStorage.removeItem(key)
}
