// openid-client 6: a confidential web application, a machine, and an API that asks about tokens.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as client from 'openid-client';
import { Browser } from '../lib/browser.mjs';
import { ALICE, API, CALLBACK, DEMO, ISSUER, secretOf } from '../lib/world.mjs';

const insecure = { execute: [client.allowInsecureRequests] };

function discover(id, authentication = client.ClientSecretBasic) {
  return client.discovery(new URL(ISSUER), id, undefined, authentication(secretOf(id)), insecure);
}

/** Sends Alice through the authorization endpoint and takes the tokens. */
async function signIn(config, browser, parameters = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email address phone offline_access',
    prompt: 'consent',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const arrival = await browser.authorize(url.href, { until: CALLBACK, ...ALICE });
  const answer = arrival.posted
    ? new Request(CALLBACK, { method: 'POST', body: arrival.parameters })
    : arrival.url;
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { answer, checks, arrival, exchange: () => client.authorizationCodeGrant(config, answer, checks) };
}

describe('openid-client, a web application', () => {
  const browser = new Browser();
  let config;
  let tokens;

  before(async () => {
    config = await discover('demo-web');
  });

  it('discovers a server that identifies itself in every answer and knows PKCE', () => {
    const server = config.serverMetadata();
    assert.equal(server.issuer, ISSUER);
    assert.equal(server.authorization_response_iss_parameter_supported, true);
    assert.equal(server.supportsPKCE(), true);
  });

  it('signs Alice in and validates her ID token', async () => {
    const { exchange } = await signIn(config, browser);
    tokens = await exchange();
    assert.equal(tokens.token_type, 'bearer');
    assert.ok(tokens.refresh_token);
    assert.equal(tokens.claims().iss, ISSUER);
    assert.ok(tokens.claims().auth_time === undefined || tokens.claims().auth_time <= Date.now() / 1000);
  });

  it('reads the claims of every standard scope from userinfo', async () => {
    const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(person.name, 'Alice Adams');
    assert.equal(person.email, 'alice@example.com');
    assert.equal(typeof person.email_verified, 'boolean');
    assert.equal(typeof person.phone_number, 'string');
    assert.equal(typeof person.address, 'object');
  });

  it('refreshes: a new token, a rotated refresh token, the same person', async () => {
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
    assert.equal(refreshed.claims()?.sub ?? tokens.claims().sub, tokens.claims().sub);
    tokens = { ...refreshed, claims: tokens.claims, id_token: refreshed.id_token ?? tokens.id_token };
    await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  });

  it('gets the same successor again when the answer to a refresh was lost', async () => {
    const first = await client.refreshTokenGrant(config, tokens.refresh_token);
    const again = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(again.refresh_token, first.refresh_token);
    tokens.refresh_token = again.refresh_token;
  });

  it('revokes the refresh token, and with it everything of this sign-in', async () => {
    await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' });
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), (error) => error.status === 401);
  });

  it('takes the answer as a posted form', async () => {
    const { arrival, exchange } = await signIn(config, browser, { response_mode: 'form_post' });
    assert.ok(arrival.posted);
    assert.equal((await exchange()).claims().iss, ISSUER);
  });

  it('authenticates by client_secret_post too', async () => {
    const posting = await discover('demo-web', client.ClientSecretPost);
    const { exchange } = await signIn(posting, browser);
    assert.ok((await exchange()).access_token);
  });

  it('refuses an answer of another issuer, and one without an issuer', async () => {
    for (const forge of [(p) => p.set('iss', 'https://evil.example'), (p) => p.delete('iss')]) {
      const { answer, checks } = await signIn(config, browser);
      forge(answer.searchParams);
      await assert.rejects(client.authorizationCodeGrant(config, answer, checks), (error) => /iss/.test(error.cause.message));
    }
  });

  it('is told access_denied, with its state, when Alice says no', async () => {
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid',
      prompt: 'consent',
      state: 'a state with spaces & signs',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const arrival = await browser.authorize(url.href, { until: CALLBACK, ...ALICE, allow: false });
    assert.equal(arrival.parameters.get('error'), 'access_denied');
    assert.equal(arrival.parameters.get('state'), 'a state with spaces & signs');
    assert.equal(arrival.parameters.get('iss'), ISSUER);
  });

  it('asks without a page while the session lives, and is told login_required after sign-out', async () => {
    const { exchange } = await signIn(config, browser);
    const { id_token: hint } = await exchange();
    const silent = await signIn(config, browser, { prompt: 'none', scope: 'openid' });
    assert.ok((await silent.exchange()).id_token);

    const back = `${DEMO}/`;
    const url = client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: back, state: 'bye' });
    const end = await browser.signOut(url.href, { until: back });
    assert.equal(end.parameters.get('state'), 'bye');

    const refused = await signIn(config, browser, { prompt: 'none', scope: 'openid' });
    assert.equal(refused.arrival.parameters.get('error'), 'login_required');
    await assert.rejects(refused.exchange(), { error: 'login_required' });
  });
});

describe('openid-client, a machine and an API', () => {
  it('gets a token with client credentials, and the API learns what it may', async () => {
    const machine = await discover('demo-machine');
    const api = await discover('demo-api');
    const tokens = await client.clientCredentialsGrant(machine, { scope: 'orders:read', resource: API });
    assert.equal(tokens.scope ?? 'orders:read', 'orders:read');
    assert.equal(tokens.refresh_token, undefined);

    const told = await client.tokenIntrospection(api, tokens.access_token);
    assert.equal(told.active, true);
    assert.equal(told.client_id, 'demo-machine');
    assert.equal(told.scope, 'orders:read');
    assert.equal(told.iss, ISSUER);

    await client.tokenRevocation(machine, tokens.access_token);
    assert.deepEqual(await client.tokenIntrospection(api, tokens.access_token), { active: false });
  });

  it('is refused a scope that the client does not have', async () => {
    const machine = await discover('demo-machine');
    await assert.rejects(client.clientCredentialsGrant(machine, { scope: 'orders:delete' }), { error: 'invalid_scope' });
  });

  it('is refused with a wrong secret', async () => {
    const wrong = await client.discovery(new URL(ISSUER), 'demo-machine', undefined, client.ClientSecretBasic('wrong'), insecure);
    await assert.rejects(client.clientCredentialsGrant(wrong), (error) => {
      assert.equal(error.status, 401);
      assert.equal(error.cause[0].scheme, 'basic');
      return true;
    });
  });

  it('learns nothing about tokens that are none', async () => {
    const api = await discover('demo-api');
    assert.deepEqual(await client.tokenIntrospection(api, 'no-such-token'), { active: false });
  });
});
