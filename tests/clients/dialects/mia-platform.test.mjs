// Two extensions of a Console, each with a backend as Mia-Platform's guide has it: it passes code and state on, and asks of who calls its API
// a token that jose verifies against the Console's keys, for this extension.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { SignJWT, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { Browser } from '../lib/browser.mjs';
import { apply } from '../lib/commands.mjs';
import { ISSUER, named, random } from '../lib/world.mjs';

const CONSOLE = named('console');
const AT = `${ISSUER}/${CONSOLE}`;
const MIRIAM = { username: 'miriam', password: 'a quiet morning at sea' };

class Backend {
  /** Where it listens: its base URL, which is what its tokens are for. */
  static async start(id) {
    const backend = new Backend();
    Object.assign(backend, { id, states: new Set(), keys: createRemoteJWKSet(new URL(`${AT}/jwks`)) });
    backend.server = createServer((request, response) => backend.#answer(request, response));
    backend.server.listen(0, '127.0.0.1');
    await once(backend.server, 'listening');
    backend.url = `http://127.0.0.1:${backend.server.address().port}`;
    return backend;
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    const body = Buffer.concat(await request.toArray());
    const routes = {
      'GET /login': () => this.#login(),
      'GET /callback': () => (this.states.delete(searchParams.get('state')) ? [200] : [403, { error: 'a state that is not ours' }]),
      'POST /api/token': () => this.#passOn('/api/oauth/token', body),
      'POST /api/refresh': () => this.#passOn('/api/refreshtoken', body),
      'GET /api/hello': () => this.#hello(request.headers.authorization),
    };
    const [status, told = {}, headers = {}] = await (routes[`${request.method} ${pathname}`] ?? (() => [404]))();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof told === 'string' ? told : JSON.stringify(told));
  }

  #login() {
    const state = random();
    this.states.add(state);
    return [302, {}, { location: `${AT}/tenants/acme/extension/${this.id}/authz?state=${state}` }];
  }

  async #passOn(path, body) {
    const answer = await fetch(`${AT}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return [answer.status, await answer.text()];
  }

  async #hello(authorization = '') {
    try {
      const { payload } = await this.verify(authorization.replace(/^Bearer /, ''));
      return [200, { hello: payload.user.name, groups: payload.user.groups }];
    } catch (error) {
      return [401, { code: error.code, claim: error.claim }];
    }
  }

  verify(token) {
    return jwtVerify(token, this.keys, { issuer: AT, audience: this.url, algorithms: ['RS256'] });
  }
}

describe("Mia-Platform's single sign-on", () => {
  let ours;
  let theirs;

  before(async () => {
    [ours, theirs] = [await Backend.start('ours'), await Backend.start('theirs')];
    const scopes = ['openid', 'profile', 'email'];
    await apply({
      id: CONSOLE,
      settings: { second_factor: 'optional' },
      issuers: [{ id: CONSOLE, url: AT, dialect: 'mia-platform' }],
      roles: [{ id: 'operator', permissions: ['clusters:read'] }],
      contexts: [{ id: 'company/acme' }],
      users: [{ user_name: MIRIAM.username, password: MIRIAM.password, profile: { name: 'Miriam Moss' } }],
      memberships: [{ user: MIRIAM.username, context: 'company/acme', roles: ['operator'] }],
      clients: [ours, theirs].map(({ id, url }) => ({
        id,
        issuers: [CONSOLE],
        redirect_uris: [`${url}/callback?from=console`],
        grant_types: ['authorization_code', 'refresh_token'],
        scopes: scopes.join(' '),
        require_pkce: false,
        legacy: ['unauthenticated_code'],
        secrets: [{ value: `${random()}-${random()}` }],
      })),
      extensions: [ours, theirs].map(({ id, url }) => ({
        id,
        state: 'published',
        manifest: { name: id, scopes: scopes.map((name) => ({ name })), callback_url: `${url}/callback?from=console`, audiences: [url] },
      })),
      installations: [ours, theirs].map(({ id }) => ({ extension: id, context: 'company/acme' })),
    });
  });

  after(() => {
    for (const backend of [ours, theirs]) {
      backend?.server.closeAllConnections();
      backend?.server.close();
    }
  });

  async function asked(url, { body, ...options } = {}) {
    const sent = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(url, { ...sent, ...options });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  const hello = (backend, token) => asked(`${backend.url}/api/hello`, { headers: { authorization: `Bearer ${token}` } });
  const exchanged = (backend, body) => asked(`${backend.url}/api/token`, { body });

  /** From the extension's login page to its callback: what stands in its address. */
  async function arrived(backend, browser = new Browser()) {
    const { url } = await browser.authorize(`${backend.url}/login`, { until: `${backend.url}/callback`, ...MIRIAM });
    assert.equal(url.searchParams.get('from'), 'console');
    assert.equal((await asked(url)).status, 200, 'its own state, unchanged');
    return { code: url.searchParams.get('code'), state: url.searchParams.get('state') };
  }

  async function tokens(backend) {
    const { status, body } = await exchanged(backend, await arrived(backend));
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  it('signs in, and the backend greets by the name in the token', async () => {
    const { accessToken, expireAt, expiresAt } = await tokens(ours);
    const { payload, protectedHeader } = await ours.verify(accessToken);
    assert.ok(Array.isArray(payload.aud) && payload.aud.includes(ours.url), `${payload.aud}`);
    assert.deepEqual([payload.exp, expireAt], [expiresAt, expiresAt]);
    assert.ok(protectedHeader.kid && payload.jti && payload.sub.startsWith('usr_'));
    const { status, body } = await hello(ours, accessToken);
    assert.deepEqual([status, body], [200, { hello: 'Miriam Moss', groups: ['operator'] }]);
  });

  it('shows no page to who is signed in already', async () => {
    const browser = new Browser();
    await arrived(ours, browser);
    browser.visited = [];
    await arrived(theirs, browser);
    assert.equal(browser.visited.length, 3, 'login page, Console, callback');
  });

  it('is refused with the token of another extension', async () => {
    const [own, other] = [await tokens(ours), await tokens(theirs)];
    assert.equal((await hello(theirs, other.accessToken)).status, 200);
    for (const [backend, token] of [[theirs, own.accessToken], [ours, other.accessToken]]) {
      const { status, body } = await hello(backend, token);
      assert.deepEqual([status, body.code, body.claim], [401, 'ERR_JWT_CLAIM_VALIDATION_FAILED', 'aud']);
    }
  });

  it('is refused with a token that others signed, or that is none', async () => {
    const { accessToken, refreshToken } = await tokens(ours);
    const [claims, header] = [decodeJwt(accessToken), decodeProtectedHeader(accessToken)];
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = (header) => new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    assert.equal((await hello(ours, await signed(header))).body.code, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    assert.equal((await hello(ours, await signed({ ...header, kid: 'other' }))).body.code, 'ERR_JWKS_NO_MATCHING_KEY');
    assert.equal((await hello(ours, refreshToken)).body.code, 'ERR_JWS_INVALID');
  });

  it('gets tokens for a code once, and with its state only', async () => {
    const answer = await arrived(ours);
    const wrong = await exchanged(ours, { ...answer, state: random() });
    assert.deepEqual([wrong.status, wrong.body.statusCode], [400, 400]);
    assert.equal((await exchanged(ours, { code: answer.code })).status, 400);
    assert.equal((await exchanged(ours, answer)).status, 200);
    assert.equal((await exchanged(ours, answer)).status, 400);
  });

  it('sends nobody to a callback with a state that the extension did not make', async () => {
    const forged = new URL(`${ours.url}/callback?code=x&state=${random()}`);
    assert.equal((await asked(forged)).status, 403);
    const page = await new Browser().open(`${AT}/tenants/acme/extension/nothing/authz?state=s`, { until: ours.url });
    assert.ok(page.url.startsWith(AT), 'no redirect');
  });

  it('refreshes, once each', async () => {
    const { refreshToken } = await tokens(ours);
    const refreshed = (refreshToken) => asked(`${ours.url}/api/refresh`, { body: { refreshToken } });
    const next = await refreshed(refreshToken);
    assert.equal(next.status, 200, JSON.stringify(next.body));
    assert.equal((await hello(ours, next.body.accessToken)).body.hello, 'Miriam Moss');
    assert.equal((await hello(theirs, next.body.accessToken)).status, 401, 'for the same extension as before');
    const last = await refreshed(next.body.refreshToken);
    assert.equal(last.status, 200);
    assert.equal((await refreshed(refreshToken)).status, 400, 'whose successor is used');
  });

  it('needs its backend: no script of another origin reads tokens', async () => {
    const body = JSON.stringify(await arrived(ours));
    const headers = { 'content-type': 'application/json', origin: ours.url };
    const answer = await fetch(`${AT}/api/oauth/token`, { method: 'POST', headers, body });
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [200, null]);
  });
});
