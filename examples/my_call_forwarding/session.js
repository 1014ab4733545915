// Signing in and out, with oauth4webapi: authorization code with PKCE, an ID token, and no refresh token.
//
// The access token is kept in memory alone, so it is gone when the page is loaded anew. Whoever is still signed in at
// the server comes back without being asked (prompt=none); else they sign in again.
import * as oauth from './oauth4webapi.js'

const SCOPE = 'openid profile rest:extensions:read rest:callforward:read rest:callforward:write'
const KNOWN = ['127.0.0.1', '[::1]', 'localhost']

/** The token does not hold any more: expired, or taken back. */
export class SignedOut extends Error {}

/** The server refused the call. `status`, `missing` (the scope that is), `errors` ({path: detail}), and a message. */
export class Refused extends Error {
  constructor(status, message, { missing = '', errors = {} } = {}) {
    super(message)
    Object.assign(this, { status, missing, errors })
  }
}

export class Session {
  #server
  #client
  #options
  #token = null
  #home = location.origin + location.pathname

  /** Whoever is signed in: { name }, or null. */
  person = null
  /** Where they sign in. */
  issuer

  static async open() {
    const session = new Session()
    const { issuer, client_id } = await (await fetch('config.json')).json()
    session.issuer = new URL(issuer)
    session.#client = { client_id }
    // Plain http is for the machine on which both run, and refused elsewhere.
    session.#options = KNOWN.includes(session.issuer.hostname) ? { [oauth.allowInsecureRequests]: true } : {}
    session.#server = await oauth.processDiscoveryResponse(
      session.issuer,
      await oauth.discoveryRequest(session.issuer, session.#options),
    )
    return session
  }

  /** Were they here before, in this tab? Then they may be signed in still. */
  get wasHere() {
    return sessionStorage.getItem('here') === 'yes'
  }

  /** Leave for the server, to sign in; silently, only if nobody need be asked. */
  async signIn({ silently = false } = {}) {
    const verifier = oauth.generateRandomCodeVerifier()
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    sessionStorage.setItem('asked', JSON.stringify({ verifier, state, nonce, silently }))
    sessionStorage.removeItem('here')
    const url = new URL(this.#server.authorization_endpoint)
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.#client.client_id,
      redirect_uri: this.#home,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(silently ? { prompt: 'none' } : {}),
    })
    location.assign(url)
  }

  /** Give the token back, and leave for the server, which ends the session there too. */
  async signOut() {
    const { access_token, id_token } = this.#token
    this.forget()
    sessionStorage.clear()
    await oauth
      .revocationRequest(this.#server, this.#client, oauth.None(), access_token, this.#options)
      .catch(() => {}) // it expires by itself, and whoever signs out wants out
    const url = new URL(this.#server.end_session_endpoint)
    url.search = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: this.#home })
    location.assign(url)
  }

  forget() {
    this.#token = this.person = null
  }

  /** One call of the API: the JSON that it answers. Raises SignedOut and Refused. */
  async call(method, path, body) {
    if (!this.#token) throw new SignedOut()
    const headers = new Headers(body ? { 'content-type': 'application/merge-patch+json' } : {})
    const url = new URL(`/api/rest${path}`, this.issuer)
    let answer
    try {
      answer = await oauth.protectedResourceRequest(
        this.#token.access_token, method, url, headers, body && JSON.stringify(body), this.#options,
      )
    } catch (error) {
      if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error
      if (error.status === 401) {
        this.forget()
        throw new SignedOut()
      }
      const missing = error.cause.map(each => each.parameters.scope).filter(Boolean).join(' ')
      throw new Refused(error.status, 'The server does not let this page do that.', { missing })
    }
    if (answer.ok) return answer.status === 204 ? null : answer.json()
    const told = await answer.json().catch(() => ({}))
    const errors = Object.fromEntries((told.errors ?? []).map(({ path, detail }) => [path, detail]))
    throw new Refused(answer.status, told.detail ?? `The server answered ${answer.status}.`, { errors })
  }

  /** Take up what the server answered, if this page was opened by it. Raises Refused where somebody said no. */
  async comeBack() {
    const told = new URL(location.href)
    const asked = JSON.parse(sessionStorage.getItem('asked'))
    const answered = told.searchParams.has('code') || told.searchParams.has('error')
    if (!answered || !asked) return
    sessionStorage.removeItem('asked')
    history.replaceState(null, '', this.#home)
    try {
      const parameters = oauth.validateAuthResponse(this.#server, this.#client, told, asked.state)
      const request = oauth.authorizationCodeGrantRequest(
        this.#server, this.#client, oauth.None(), parameters, this.#home, asked.verifier, this.#options,
      )
      this.#token = await oauth.processAuthorizationCodeResponse(this.#server, this.#client, await request, {
        expectedNonce: asked.nonce,
        requireIdToken: true,
      })
    } catch (error) {
      if (!(error instanceof oauth.AuthorizationResponseError)) throw error
      // Nobody could be asked, which is how silence ends; or somebody said no.
      if (!asked.silently) throw new Refused(0, DENIALS[error.error] ?? error.error_description ?? error.error)
      return
    }
    sessionStorage.setItem('here', 'yes')
    this.person = { name: await this.#name() }
  }

  async #name() {
    const { sub } = oauth.getValidatedIdTokenClaims(this.#token)
    const { access_token } = this.#token
    const told = await oauth.processUserInfoResponse(
      this.#server, this.#client, sub,
      await oauth.userInfoRequest(this.#server, this.#client, access_token, this.#options),
    )
    return told.name ?? told.preferred_username ?? ''
  }
}

const DENIALS = { access_denied: 'You said no, so there is nothing to see here. Sign in again to change your mind.' }
