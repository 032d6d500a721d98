// The three use cases of eZ Publish's clients, in its own dialect, through nginx, HAProxy and Caddy: get authorised; learn that the token has
// expired, refresh, try again; go straight through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../apache/apache.mjs';
import { Browser } from '../lib/browser.mjs';
import { ALICE, CALLBACK, ISSUER } from '../lib/world.mjs';
import { api, apply, ask } from './api.mjs';
import { Proxy } from './proxies.mjs';

const EZ = `${ISSUER}/guarded-ez`;
const CONTENT = 'https://content.demo.example';
const READER = { client_id: 'ez-reader', client_secret: 'secret-of-ez-reader-for-trying-it-out-only' };
const NODE = '/api/ezp/v1/content/node/2';
const REALM = "OAuth realm='eZ Publish REST'";
const HOUR = 3600;
/** The shortest that a token may live. Here it ends by itself: the clock of a real server is the machine's. */
const SHORTEST = 30;

function mounted(access_token_s) {
  const scopes = [{ name: 'content:read' }];
  const routes = [{ path: '/api/ezp/v1/public/**', open: true }, { path: '/**', scopes: ['content:read'] }];
  const reader = {
    id: READER.client_id,
    name: 'Reader',
    issuers: ['guarded-ez'],
    auth_method: 'client_secret_post',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    scopes: 'content:read offline_access',
    default_scopes: 'content:read offline_access',
    apis: [CONTENT],
    require_pkce: false,
    lifetimes: { access_token_s },
    secrets: [{ value: READER.client_secret }],
  };
  const issuers = [{ id: 'guarded-ez', url: EZ, dialect: 'ez-publish' }];
  apply({ id: 'demo', issuers, apis: [{ id: CONTENT, scopes, guard: { routes } }], clients: [reader] });
}

/** As their clients ask for tokens. */
async function pair(parameters) {
  const body = new URLSearchParams({ ...READER, ...parameters });
  const response = await fetch(`${EZ}/api/auth/oauth/token`, { method: 'POST', body });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** Alice signs in and allows it; their clients send neither `state` nor anything else that is newer than they are. */
async function authorised() {
  const query = new URLSearchParams({ response_type: 'code', client_id: READER.client_id, redirect_uri: CALLBACK });
  const { url, parameters } = await new Browser().authorize(`${EZ}/oauth/authorize?${query}`, { until: CALLBACK, ...ALICE });
  assert.match(url.search, /^\?code=[^&]+&expires_in=\d+/);
  return pair({ grant_type: 'authorization_code', code: parameters.get('code'), redirect_uri: CALLBACK });
}

const oauth = (token) => ({ authorization: `OAuth ${token}` });

describe("eZ Publish's clients", () => {
  const ports = {};
  const proxies = [];
  let behind;

  before(async () => {
    mounted(SHORTEST);
    behind = await api();
    for (const name of ['nginx', 'HAProxy', 'Caddy']) {
      ports[name] = await freePort();
      const of = { port: ports[name], issuer: EZ, api: CONTENT, isEzPublish: true, upstream: behind.address().port };
      proxies.push(await Proxy.start(name, of));
    }
  });

  after(async () => {
    for (const proxy of proxies) await proxy.stop();
    behind?.closeAllConnections();
    behind?.close();
  });

  /** Through each proxy: the API is not reached, and the client is told so in its own words. */
  async function challenged(token, error) {
    const reached = behind.asked;
    for (const [name, port] of Object.entries(ports)) {
      const answer = await ask(port, NODE, { headers: token === undefined ? {} : oauth(token) });
      assert.equal(answer.status, 401, name);
      assert.equal(answer.headers['www-authenticate'], error ? `${REALM}, error='${error}'` : REALM, name);
      if (name !== 'HAProxy') {
        assert.match(answer.headers['content-type'], /^application\/json/);
        assert.deepEqual(answer.json(), error ? { error } : {});
      }
    }
    assert.equal(behind.asked, reached, 'the API was reached');
  }

  async function passes(token) {
    for (const [name, port] of Object.entries(ports)) {
      const answer = await ask(port, NODE, { headers: oauth(token) });
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
      const { headers } = answer.json();
      assert.match(headers['doorward-user'], /^usr_/, name);
      assert.equal(headers['doorward-client'], READER.client_id, name);
    }
  }

  it('get authorised, learn that it has expired, refresh, and go straight through', { timeout: 120_000 }, async () => {
    // 1. Nobody yet; then somebody who allowed it.
    await challenged(undefined, undefined);
    const first = await authorised();
    assert.deepEqual(Object.keys(first).sort(), ['access_token', 'expires_in', 'refresh_token']);
    await passes(first.access_token);

    // 2. The token ends: it is asked with until the answer says so. The client refreshes, and tries again.
    while ((await ask(ports.nginx, NODE, { headers: oauth(first.access_token) })).status === 200) {
      await new Promise((resolve) => {
        setTimeout(resolve, 250);
      });
    }
    await challenged(first.access_token, 'expired_token');
    await challenged('nonsense', 'invalid_token');
    mounted(HOUR);
    const second = await pair({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
    assert.ok(second.expires_in > HOUR - 5);
    await passes(second.access_token);

    // 3. Both tokens are there. What goes straight through is the access token; a refresh token opens nothing.
    await passes(second.access_token);
    await challenged(second.refresh_token, 'invalid_token');
    const third = await pair({ grant_type: 'refresh_token', refresh_token: second.refresh_token });
    await challenged(second.access_token, 'invalid_token');
    await passes(third.access_token);
  });

  it('are asked for nothing where it is open', async () => {
    for (const [name, port] of Object.entries(ports)) {
      const answer = await ask(port, '/api/ezp/v1/public/node/2');
      assert.equal(answer.status, 200, name);
      assert.equal(answer.json().headers['doorward-user'] ?? '', '', name);
    }
  });
});
