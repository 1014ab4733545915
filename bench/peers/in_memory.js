// An adapter of node-oidc-provider that keeps all there is in maps. The one that it brings forgets after a thousand.

const consumed = () => Math.floor(Date.now() / 1000)

/** What the provider's option `adapter` takes. */
export function adapterInMemory () {
  const grants = new Map()
  return (model) => new InMemory(grants)
}

class InMemory {
  #kept = new Map()
  #grants

  constructor (grants) {
    this.#grants = grants
  }

  async upsert (id, payload, expiresIn) {
    this.#kept.set(id, { payload, until: Date.now() + expiresIn * 1000 })
    const { grantId } = payload
    if (grantId) {
      const members = this.#grants.get(grantId)
      if (members) members.push([this, id])
      else this.#grants.set(grantId, [[this, id]])
    }
  }

  async find (id) {
    const found = this.#kept.get(id)
    return found && found.until > Date.now() ? found.payload : undefined
  }

  async findByUid (uid) {
    return this.#first((payload) => payload.uid === uid)
  }

  async findByUserCode (userCode) {
    return this.#first((payload) => payload.userCode === userCode)
  }

  async consume (id) {
    this.#kept.get(id).payload.consumed = consumed()
  }

  async destroy (id) {
    this.#kept.delete(id)
  }

  async revokeByGrantId (grantId) {
    for (const [adapter, id] of this.#grants.get(grantId) ?? []) adapter.#kept.delete(id)
    this.#grants.delete(grantId)
  }

  #first (asked) {
    for (const { payload } of this.#kept.values()) if (asked(payload)) return payload
  }
}
