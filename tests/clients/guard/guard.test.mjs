// An API that knows nothing of tokens, behind nginx, HAProxy, Caddy and `doorward guard`: who gets through, in whose name, and what is said to the others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../apache/apache.mjs';
import { Browser } from '../lib/browser.mjs';
import { ALICE, API, CALLBACK, ISSUER, VERIFIER, authorizationUrl, secretOf } from '../lib/world.mjs';
import { api, apply, ask } from './api.mjs';
import { PROXIES, Proxy } from './proxies.mjs';

const WEB = { id: 'demo-web', secret: secretOf('demo-web') };
const HANDSHAKE = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
const METADATA = `${ISSUER}/guard/metadata?api=${encodeURIComponent(API)}`;

function rules() {
  const routes = [
    { path: '/health', open: true },
    { methods: ['GET'], path: '/orders/**', scopes: ['orders:read'] },
    { path: '/orders/**', scopes: ['orders:write'] },
  ];
  const scopes = [{ name: 'orders:read', default: true }, { name: 'orders:write' }];
  apply({ id: 'demo', apis: [{ id: API, scopes, guard: { routes } }] });
}

async function token(parameters) {
  const response = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${WEB.id}:${WEB.secret}`)}` },
    body: new URLSearchParams(parameters),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

/** Alice signs in and allows it. */
async function authorized(scope) {
  const url = authorizationUrl({ scope, prompt: 'consent' });
  const arrival = await new Browser().authorize(url.href, { until: CALLBACK, ...ALICE });
  const code = arrival.parameters.get('code');
  return token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER });
}

const bearer = (value) => ({ authorization: `Bearer ${value}` });

before(rules);

for (const name of Object.keys(PROXIES)) {
  describe(name, () => {
    let behind;
    let proxy;
    let port;

    before(async () => {
      behind = await api();
      port = await freePort();
      proxy = await Proxy.start(name, { port, issuer: ISSUER, upstream: behind.address().port });
    });

    after(async () => {
      await proxy?.stop();
      behind?.closeAllConnections();
      behind?.close();
    });

    async function refused(path, options, status) {
      const before = behind.asked;
      const answer = await ask(port, path, options);
      assert.equal(answer.status, status, `${path}: ${answer.text}\n${proxy.log()}`);
      assert.equal(behind.asked, before, `${path} reached the API`);
      return answer.headers['www-authenticate'];
    }

    it('lets who was authorised through, in the name of whom the server says', async () => {
      const { access_token, id_token } = await authorized('openid orders:read');
      const { sub } = JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url'));
      const forged = { 'doorward-user': 'usr_mallory', 'Doorward-Installation': 'ins_1', 'doorward_user': 'usr_mallory', doorward_installation: 'ins_1', 'doorward.user': 'usr_mallory', 'Doorward!Installation': 'ins_1' };
      const answer = await ask(port, '/orders/1?a=%2F..%2F&a=2', { headers: { ...forged, ...bearer(access_token) } });
      assert.equal(answer.status, 200, `${answer.text}\n${proxy.log()}`);
      const { url, headers } = answer.json();
      assert.equal(url, '/orders/1?a=%2F..%2F&a=2');
      assert.deepEqual([headers['doorward-user'], headers['doorward-client']], [sub, WEB.id]);
      assert.deepEqual(headers['doorward-scopes'].split(' ').sort(), ['openid', 'orders:read']);
      assert.equal(headers['doorward-installation'] ?? '', '');
      assert.ok(!Object.keys(headers).some((header) => /^doorward[^-]/i.test(header) || header.includes('_')), 'no other spelling gets through');
    });

    it('asks for a token that is good, which the client gets by refreshing, and then goes straight through', async () => {
      const { access_token, refresh_token } = await authorized('openid offline_access orders:read');
      const stale = `${access_token.slice(0, -8)}AAAAAAAA`;
      const challenge = await refused('/orders', { headers: bearer(stale) }, 401);
      assert.match(challenge, /^Bearer error="invalid_token"/);
      const [, url] = challenge.match(/resource_metadata="([^"]*)"/);
      assert.equal(url, METADATA);
      const metadata = await (await fetch(url)).json();
      assert.deepEqual([metadata.resource, metadata.authorization_servers], [API, [ISSUER]]);
      const fresh = await token({ grant_type: 'refresh_token', refresh_token });
      for (const path of ['/orders', '/orders/2']) {
        assert.equal((await ask(port, path, { headers: bearer(fresh.access_token) })).status, 200, path);
      }
      // What was granted is taken back: the very next request is refused.
      const body = new URLSearchParams({ token: fresh.refresh_token });
      await fetch(`${ISSUER}/revoke`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${WEB.id}:${WEB.secret}`)}` }, body });
      await refused('/orders', { headers: bearer(fresh.access_token) }, 401);
    });

    it('says what is missing', async () => {
      const { access_token, refresh_token, id_token } = await authorized('openid offline_access orders:read');
      assert.equal(await refused('/orders', {}, 401), `Bearer resource_metadata="${METADATA}"`);
      assert.match(await refused('/orders', { method: 'DELETE', headers: bearer(access_token) }, 403), /error="insufficient_scope", scope="orders:write"/);
      for (const other of [refresh_token, id_token]) await refused('/orders', { headers: bearer(other) }, 401);
      assert.equal(await refused('/bills', { headers: bearer(access_token) }, 403), undefined);
    });

    it('lets everybody through where it is open, and nobody by another spelling', async () => {
      const { access_token } = await authorized('openid orders:read');
      const answer = await ask(port, '/health', { headers: { 'doorward-user': 'usr_mallory' } });
      assert.equal(answer.status, 200, proxy.log());
      assert.equal(answer.json().headers['doorward-user'] ?? '', '');
      for (const path of ['/Health', '/health/', '/health/..;/orders', '/health%2f..%2forders', '/./health', '//health', '/orders/%2e%2e/bills', '/orders;a=b/1']) {
        const before = behind.asked;
        const { status } = await ask(port, path, { headers: bearer(access_token) });
        assert.ok(status === 403 || status === 400, `${path}: ${status}`);
        assert.equal(behind.asked, before, `${path} reached the API`);
      }
    });

    it('passes bodies on', async () => {
      const { access_token } = await authorized('openid orders:read orders:write');
      const body = Buffer.alloc(900_000, 'x');
      for (const headers of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
        const answer = await ask(port, '/orders', { method: 'POST', headers: { ...headers, ...bearer(access_token) }, body });
        assert.equal(answer.status, 200, `${answer.text}\n${proxy.log()}`);
        assert.deepEqual([answer.json().method, answer.json().bytes], ['POST', body.length]);
      }
    });

    it('lets nobody through when nobody can be asked, and does not call it a denial', async () => {
      const at = await freePort();
      const alone = await Proxy.start(name, { port: at, issuer: `http://localhost:${await freePort()}`, upstream: behind.address().port });
      try {
        const answer = await ask(at, '/orders', { headers: bearer('anything') });
        assert.equal(answer.status, name === 'Caddy' ? 502 : 503, alone.log());
      } finally {
        await alone.stop();
      }
    });

    it('does not wait for ever', { skip: name !== 'doorward guard' && 'it is configured elsewhere' }, async () => {
      const { access_token } = await authorized('openid orders:read');
      const headers = bearer(access_token);
      const ports = [behind.address().port, await freePort()];
      for (const [upstream, path, status] of [[ports[0], '/orders/never', 504], [ports[1], '/orders', 502]]) {
        const at = await freePort();
        const hasty = await Proxy.start(name, { port: at, issuer: ISSUER, upstream, timeout: 1 });
        try {
          assert.equal((await ask(at, path, { headers })).status, status);
        } finally {
          await hasty.stop();
        }
      }
    });

    it('asks the API for no protocol in which further requests would pass unseen', async () => {
      for (const upgrade of ['h2c', 'h2c, websocket', 'websocket, h2c', ['websocket', 'h2c'], ['h2c', 'websocket'], 'TLS/1.0']) {
        const settings = { 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' };
        const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade, ...HANDSHAKE, ...settings };
        const answer = await ask(port, '/health', { headers });
        assert.equal(answer.status, 200, `${upgrade}: ${answer.text}\n${proxy.log()}`);
        const seen = answer.json().headers;
        assert.deepEqual([seen.upgrade, seen['http2-settings']], [undefined, undefined], `${upgrade}`);
      }
    });

    it('tells clients at the host of the API which issuer they need', { skip: name !== 'doorward guard' && 'it knows of no metadata' }, async () => {
      const before = behind.asked;
      const { host } = new URL(API);
      const answer = await ask(port, '/.well-known/oauth-protected-resource', { headers: { host } });
      assert.deepEqual([answer.status, answer.json()], [200, await (await fetch(METADATA)).json()]);
      assert.equal(behind.asked, before, 'the API was asked');
      // At another host it is a path like any other, which no rule means.
      await refused('/.well-known/oauth-protected-resource', {}, 403);
    });

    it('upgrades connections', { skip: name !== 'doorward guard' && 'its configuration says nothing of them' }, async () => {
      const { access_token } = await authorized('openid orders:read');
      const headers = { connection: 'Upgrade', upgrade: 'websocket', ...HANDSHAKE, ...bearer(access_token) };
      const asked = request({ host: '127.0.0.1', port, path: '/orders/live', headers, agent: false });
      asked.end();
      const [answer, socket, head] = await once(asked, 'upgrade');
      assert.deepEqual([answer.statusCode, answer.headers.upgrade], [101, 'websocket']);
      socket.write('and back\n');
      let text = head.toString();
      for await (const chunk of socket) {
        text += chunk;
        if (text.includes('and back\n')) break;
      }
      assert.equal(text, `hello ${WEB.id}\nand back\n`);
      const denied = await ask(port, '/orders/live', { headers: { ...headers, authorization: 'Bearer no' } });
      assert.equal(denied.status, 401);
    });
  });
}
