// node-oidc-provider as its documentation sets it up, for bench/peers/oidc_provider.py.
//
//   node oidc_provider.js PORT SOCKET
//
// With PGHOST set all is kept in that PostgreSQL, else in memory. The socket is where the bench asks for what people
// have granted: `GET /refresh-tokens?number=N` and `GET /codes?number=N` make so many, by the provider's own models.

import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { adapterInMemory } from './in_memory.js'
import { adapterOnPostgres } from './on_postgres.js'

const [port, socket] = process.argv.slice(2)
const { CLIENT_ID, CLIENT_SECRET, SCOPE, REDIRECT, CHALLENGE } = process.env
const DAY = 86_400
const PERSON = 'somebody'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: process.env.PGHOST ? await adapterOnPostgres() : adapterInMemory(),
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: [REDIRECT],
      scope: SCOPE
    }
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  cookies: { keys: ['a key that is for the bench alone'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: SCOPE,
        audience: 'https://api.example',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } }
      })
    }
  },
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: () => true,
  jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'bench' }] },
  rotateRefreshToken: true,
  scopes: [SCOPE],
  ttl: { AccessToken: 3600, ClientCredentials: 3600, AuthorizationCode: DAY, RefreshToken: DAY, Grant: DAY }
})

async function granted (client, Model, more) {
  const grant = new provider.Grant({ accountId: PERSON, clientId: CLIENT_ID })
  grant.addOIDCScope(SCOPE)
  const grantId = await grant.save()
  return new Model({ accountId: PERSON, client, grantId, scope: SCOPE, gty: 'authorization_code', ...more }).save()
}

const makers = {
  '/refresh-tokens': (client) => granted(client, provider.RefreshToken, { rotations: 0 }),
  '/codes': (client) =>
    granted(client, provider.AuthorizationCode, {
      redirectUri: REDIRECT,
      codeChallenge: CHALLENGE,
      codeChallengeMethod: 'S256'
    })
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://bench')
  const client = await provider.Client.find(CLIENT_ID)
  const made = []
  for (let left = Number(searchParams.get('number')); left > 0; left -= 100) {
    made.push(...await Promise.all(Array.from({ length: Math.min(left, 100) }, () => makers[pathname](client))))
  }
  response.end(made.join('\n'))
}).listen(socket)

provider.listen(port, '127.0.0.1')
