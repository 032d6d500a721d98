// The requests of a script that signs in to Magic Collaboration Studio, and a library that knows no more of its tokens than where the keys are.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { SignJWT, decodeJwt, decodeProtectedHeader, errors, importJWK, jwtVerify } from 'jose';
import { Browser } from '../lib/browser.mjs';
import { apply } from '../lib/commands.mjs';
import { ISSUER, named, random } from '../lib/world.mjs';
import { guarded } from './guarded.mjs';

const TENANT = named('magic');
const AT = `${ISSUER}/${TENANT}`;
const API = 'https://twc.magic.example';
const SECRET = `${random()}-${random()}`;
const CLIENT = 'webApplicationPlatform';
const CALLBACK = 'https://twc.magic.example/app';
const MARY = { username: 'mary', password: 'a quiet morning at sea' };

/** What it does, in its order; `state` is its own business, and may be absent from what comes back. */
class Script {
  constructor(secret = SECRET, client = CLIENT) {
    Object.assign(this, { secret, client });
  }

  async discover() {
    this.server = await (await fetch(`${AT}/.well-known/openid-configuration`)).json();
    return this;
  }

  async code(state) {
    const url = new URL(this.server.authorization_endpoint);
    const asked = { scope: 'openid', redirect_uri: CALLBACK, client_id: this.client, response_type: 'code', ...(state && { state }) };
    url.search = new URLSearchParams(asked);
    const { parameters } = await new Browser().authorize(url.href, { until: CALLBACK, ...MARY });
    assert.ok([null, state].includes(parameters.get('state')));
    return parameters.get('code');
  }

  /** Tokens by form, or where `headers` say who is there, by query. */
  async tokens(parameters, headers) {
    const sent = new URLSearchParams({ client_id: this.client, ...parameters });
    const url = headers ? `${this.server.token_endpoint}?${sent}` : this.server.token_endpoint;
    const answer = await fetch(url, { method: 'POST', headers: { 'x-auth-secret': this.secret, ...headers }, body: headers ? undefined : sent });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${answer.status} ${told.error}`);
    const token = told.id_token ?? told.access_token;
    return { ...told, token, expires_in: told.expires_in ?? decodeJwt(token).exp - Date.now() / 1000 };
  }

  redeem(code) {
    return this.tokens({ scope: 'openid', redirect_uri: CALLBACK, grant_type: 'authorization_code', code });
  }

  refresh(refresh_token) {
    return this.tokens({ scope: 'openid', redirect_uri: CALLBACK, grant_type: 'refresh_token', refresh_token });
  }

  byPassword({ username, password }) {
    return this.tokens({ grant_type: 'client_credentials' }, { authorization: `Basic ${btoa(`${username}:${password}`)}` });
  }
}

/** Knows where the keys are, and tries each: what they are called is of no interest. */
async function verify(token, { audience = CLIENT, keys } = {}) {
  const { server } = await new Script().discover();
  const set = keys ?? (await (await fetch(server.jwks_uri)).json()).keys;
  const options = { issuer: server.issuer, audience, algorithms: ['RS256'] };
  let refused = new Error('there is no key');
  for (const jwk of set.filter(({ kty }) => kty === 'RSA')) {
    try {
      return (await jwtVerify(token, await importJWK(jwk, 'RS256'), options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      refused = error;
    }
  }
  throw refused;
}

describe("Magic Collaboration Studio's client", () => {
  let twc;
  let script;

  before(async () => {
    await apply({
      id: TENANT,
      settings: { second_factor: 'optional' },
      issuers: [{ id: TENANT, url: AT, dialect: 'magic', shared_secret: { value: SECRET } }],
      apis: [{ id: API }],
      users: [{ user_name: MARY.username, password: MARY.password }],
      clients: [
        {
          id: CLIENT,
          issuers: [TENANT],
          auth_method: 'x_auth_secret',
          redirect_uris: ['https://twc.magic.example/'],
          legacy: ['prefix_redirects'],
          grant_types: ['authorization_code', 'client_credentials', 'password', 'refresh_token'],
          scopes: 'openid',
          apis: [API],
          require_pkce: false,
          first_party: true,
          lifetimes: { id_token_s: 900 },
        },
      ],
    });
    twc = await guarded({ api: API, issuer: AT, status: 204 });
    script = await new Script().discover();
  });

  after(() => twc?.stop());

  const login = (token, scheme = 'Token') => fetch(`${twc.url}/osmc/login`, { headers: { authorization: `${scheme} ${token}` } });

  it('discovers, signs in and is let in', async () => {
    for (const state of [undefined, 's-1']) {
      const { token, refresh_token, expires_in } = await script.redeem(await script.code(state));
      assert.ok(refresh_token);
      assert.ok(expires_in > 890 && expires_in <= 900, expires_in);
      const { sub, exp, iat } = await verify(token);
      assert.deepEqual([sub, exp - iat], [MARY.username, 900]);
      const answer = await login(token);
      assert.equal(answer.status, 204);
      assert.match(answer.headers.get('x-person'), /^usr_/);
    }
  });

  it('refreshes', async () => {
    const before = await script.redeem(await script.code());
    const { token } = await script.refresh(before.refresh_token);
    assert.equal((await verify(token)).sub, MARY.username);
    assert.equal((await login(token)).status, 204);
  });

  it('signs in with a name and a password, by query', async () => {
    const { token } = await script.byPassword(MARY);
    assert.equal((await verify(token)).sub, MARY.username);
    assert.equal((await login(token)).status, 204);
    await assert.rejects(script.byPassword({ ...MARY, password: 'wrong' }), /^Error: 40[01] invalid_grant$/);
  });

  it('gets nothing by another secret, nor under a name that is not listed', async () => {
    const [stranger, unlisted] = [await new Script(`${SECRET}x`).discover(), await new Script(SECRET, 'MAGICDRAW').discover()];
    const code = await script.code();
    const { refresh_token } = await script.redeem(await script.code());
    for (const [act, given] of [['redeem', code], ['refresh', refresh_token], ['byPassword', MARY]]) {
      await assert.rejects(stranger[act](given), /^Error: 401 invalid_client$/, act);
      await assert.rejects(unlisted[act](given), /^Error: 400 unauthorized_client$/, act);
    }
    assert.ok((await script.redeem(code)).token, 'it is good for who it was for');
    await assert.rejects(script.redeem(code), /^Error: 400 invalid_grant$/, 'once');
  });

  it('is not let in with a token that is none, or is signed by others or not at all', async () => {
    const { token, refresh_token } = await script.redeem(await script.code());
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const header = decodeProtectedHeader(token);
    const forged = await new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(privateKey);
    const bare = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    for (const other of [forged, bare, refresh_token, 'x']) assert.equal((await login(other)).status, 401, other);
    assert.equal((await login(token, 'Bearer')).status, 401);
    await assert.rejects(verify(forged), errors.JWSSignatureVerificationFailed);
    await assert.rejects(verify(token, { keys: [publicKey.export({ format: 'jwk' })] }), errors.JWSSignatureVerificationFailed);
    await assert.rejects(verify(token, { audience: 'MAGICDRAW' }), errors.JWTClaimValidationFailed);
    assert.ok(await verify(token));
  });

  it('signs out', async () => {
    const { token } = await script.redeem(await script.code());
    const { validation_endpoint, signout_endpoint } = script.server;
    const shown = { headers: { authorization: `Token ${token}` } };
    assert.equal((await fetch(validation_endpoint, shown)).status, 200);
    assert.equal((await fetch(signout_endpoint, { method: 'POST', ...shown })).status, 204);
    assert.deepEqual([(await fetch(validation_endpoint, shown)).status, (await login(token)).status], [401, 401]);
  });
});
