// node-oidc-provider, at which people of ours sign in. Started with one JSON argument:
// { port, clients, people: { sub: claims } }. Whoever types such a sub at its sign-in page is that person.
// It says `{"ready": true}`, and ends when nobody speaks to it any more.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const { port, clients, people } = JSON.parse(process.argv[2])
const key = (type, options, more) =>
  ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more })

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  cookies: { keys: ['a key that is for a test alone'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'Ed25519'] },
  findAccount: (context, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rsa' }),
      key('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'ec' }),
      key('ed25519', {}, { alg: 'Ed25519', kid: 'ed' })
    ]
  },
  pkce: { required: () => true }
})

const server = createServer(provider.callback()).listen(port, '127.0.0.1', () => console.log('{"ready": true}'))
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
