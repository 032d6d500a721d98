// oauth4webapi 3: a native application with PKCE and a loopback redirect, and an API that validates RFC 9068 tokens.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Browser } from '../lib/browser.mjs';
import { ALICE, API, ISSUER, secretOf } from '../lib/world.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
/** Any port will do: the seed registers http://127.0.0.1/callback (RFC 8252, section 7.3). */
const LOOPBACK = 'http://127.0.0.1:53682/callback';

let server;
before(async () => {
  const issuer = new URL(ISSUER);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});

describe('oauth4webapi, a native application', () => {
  const app = { client_id: 'demo-native' };
  const browser = new Browser();

  async function authorize(redirect_uri, scope = 'openid profile offline_access') {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
      client_id: app.client_id,
      redirect_uri,
      response_type: 'code',
      prompt: 'consent',
      scope,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const arrival = await browser.authorize(url.href, { until: redirect_uri, ...ALICE });
    return { parameters: oauth.validateAuthResponse(server, app, arrival.url, state), verifier, nonce };
  }

  function redeem({ parameters, verifier }, redirect_uri) {
    return oauth.authorizationCodeGrantRequest(server, app, oauth.None(), parameters, redirect_uri, verifier, insecure);
  }

  let tokens;

  it('signs in through a loopback port of its choice', async () => {
    const answer = await authorize(LOOPBACK);
    const response = await redeem(answer, LOOPBACK);
    tokens = await oauth.processAuthorizationCodeResponse(server, app, response, {
      expectedNonce: answer.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    assert.equal(oauth.getValidatedIdTokenClaims(tokens).aud, 'demo-native');
  });

  it('reads userinfo', async () => {
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    const response = await oauth.userInfoRequest(server, app, tokens.access_token, insecure);
    const person = await oauth.processUserInfoResponse(server, app, sub, response);
    assert.equal(person.name, 'Alice Adams');
  });

  it('rotates its refresh token', async () => {
    const response = await oauth.refreshTokenGrantRequest(server, app, oauth.None(), tokens.refresh_token, insecure);
    const next = await oauth.processRefreshTokenResponse(server, app, response);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    tokens.refresh_token = next.refresh_token;
  });

  it('revokes it', async () => {
    const revoked = await oauth.revocationRequest(server, app, oauth.None(), tokens.refresh_token, insecure);
    await oauth.processRevocationResponse(revoked);
    const response = await oauth.refreshTokenGrantRequest(server, app, oauth.None(), tokens.refresh_token, insecure);
    await assert.rejects(oauth.processRefreshTokenResponse(server, app, response), { error: 'invalid_grant' });
  });

  it('cannot redeem a code with another verifier, nor twice', async () => {
    const stolen = await authorize(LOOPBACK);
    const wrong = await redeem({ ...stolen, verifier: oauth.generateRandomCodeVerifier() }, LOOPBACK);
    await assert.rejects(oauth.processAuthorizationCodeResponse(server, app, wrong), { error: 'invalid_grant' });

    const answer = await authorize(LOOPBACK);
    await oauth.processAuthorizationCodeResponse(server, app, await redeem(answer, LOOPBACK), { expectedNonce: answer.nonce });
    const again = await redeem(answer, LOOPBACK);
    await assert.rejects(oauth.processAuthorizationCodeResponse(server, app, again, { expectedNonce: answer.nonce }), {
      error: 'invalid_grant',
    });
  });

  it('cannot redeem a code at another redirect URI', async () => {
    const answer = await authorize(LOOPBACK);
    const response = await redeem(answer, 'http://127.0.0.1:53683/callback');
    await assert.rejects(oauth.processAuthorizationCodeResponse(server, app, response), { error: 'invalid_grant' });
  });
});

describe('oauth4webapi, an API', () => {
  it('validates an RFC 9068 access token of a machine offline', async () => {
    const machine = { client_id: 'demo-machine' };
    const secret = oauth.ClientSecretBasic(secretOf('demo-machine'));
    const parameters = { scope: 'orders:read orders:write', resource: API };
    const response = await oauth.clientCredentialsGrantRequest(server, machine, secret, parameters, insecure);
    const tokens = await oauth.processClientCredentialsResponse(server, machine, response);

    const request = new Request(`${API}/orders`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, API, insecure);
    assert.equal(claims.client_id, 'demo-machine');
    assert.equal(claims.scope, 'orders:read orders:write');
    await assert.rejects(oauth.validateJwtAccessToken(server, request, 'https://other.example', insecure));
  });

  it('asks about a token', async () => {
    const machine = { client_id: 'demo-machine' };
    const secret = oauth.ClientSecretPost(secretOf('demo-machine'));
    const response = await oauth.clientCredentialsGrantRequest(server, machine, secret, { scope: 'orders:read' }, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(server, machine, response);
    const api = { client_id: 'demo-api' };
    const told = await oauth.introspectionRequest(server, api, oauth.ClientSecretBasic(secretOf('demo-api')), token, insecure);
    const { active, sub } = await oauth.processIntrospectionResponse(server, api, told);
    assert.equal(active, true);
    assert.equal(sub, 'demo-machine');
  });
});
