// An adapter of node-oidc-provider that keeps all there is in one table of PostgreSQL: what its documentation asks of
// an adapter, with an index on each thing that it looks up by, and statements that are prepared once.

import pg from 'pg'

const TABLE = `
  CREATE TABLE IF NOT EXISTS oidc (
    model text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, uid text, user_code text,
    expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (model, id));
  CREATE INDEX IF NOT EXISTS oidc_grant ON oidc (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS oidc_uid ON oidc (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS oidc_user_code ON oidc (user_code) WHERE user_code IS NOT NULL`
const COLUMNS = 'payload, extract(epoch FROM consumed_at)::bigint::int AS consumed'
const LIVE = '(expires_at IS NULL OR expires_at > now())'
const STATEMENTS = {
  upsert: `
    INSERT INTO oidc (model, id, payload, grant_id, uid, user_code, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
    ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
      uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at`,
  find: `SELECT ${COLUMNS} FROM oidc WHERE model = $1 AND id = $2 AND ${LIVE}`,
  findByUid: `SELECT ${COLUMNS} FROM oidc WHERE model = $1 AND uid = $2 AND ${LIVE}`,
  findByUserCode: `SELECT ${COLUMNS} FROM oidc WHERE model = $1 AND user_code = $2 AND ${LIVE}`,
  consume: 'UPDATE oidc SET consumed_at = now() WHERE model = $1 AND id = $2',
  destroy: 'DELETE FROM oidc WHERE model = $1 AND id = $2',
  revokeByGrantId: 'DELETE FROM oidc WHERE grant_id = $1'
}

/** What the provider's option `adapter` takes. */
export async function adapterOnPostgres () {
  const pool = new pg.Pool()
  await pool.query(TABLE)
  return (model) => new OnPostgres(pool, model)
}

class OnPostgres {
  #pool
  #model

  constructor (pool, model) {
    this.#pool = pool
    this.#model = model
  }

  async upsert (id, payload, expiresIn) {
    const { grantId, uid, userCode } = payload
    await this.#tell('upsert', this.#model, id, payload, grantId, uid, userCode, expiresIn)
  }

  find (id) {
    return this.#found('find', id)
  }

  findByUid (uid) {
    return this.#found('findByUid', uid)
  }

  findByUserCode (userCode) {
    return this.#found('findByUserCode', userCode)
  }

  async consume (id) {
    await this.#tell('consume', this.#model, id)
  }

  async destroy (id) {
    await this.#tell('destroy', this.#model, id)
  }

  async revokeByGrantId (grantId) {
    await this.#tell('revokeByGrantId', grantId)
  }

  async #found (name, value) {
    const { rows: [row] } = await this.#tell(name, this.#model, value)
    return row && { ...row.payload, ...(row.consumed !== null && { consumed: row.consumed }) }
  }

  #tell (name, ...values) {
    return this.#pool.query({ name, text: STATEMENTS[name], values })
  }
}
