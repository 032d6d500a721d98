// @mittwald/api-client: mittwald's own client of its API, with another base URL and nothing else changed.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONTRIBUTOR, EXTENSION, NEEDED, PROJECT, REFUSABLE, UUID, basic, client, code, install, mstudio, wilma } from './mstudio.mjs';

/** The one claim set of a token, not verified. */
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const inFuture = (date) => assert.ok(new Date(date) > new Date(), date);

describe('@mittwald/api-client', () => {
  let world;
  let mine;
  let nobody;

  before(async () => {
    world = await mstudio();
    mine = await wilma(world);
    nobody = client(world.at);
  });

  describe('at the OAuth endpoint', () => {
    const redeem = (data, credentials) =>
      nobody.user.oauthRetrieveAccessToken({ data, headers: { authorization: basic(credentials ?? world.platform) } });

    it('redeems a code by JSON, which it sends by itself, and by form', async () => {
      for (const written of [(data) => data, (data) => new URLSearchParams(data)]) {
        const { status, data } = await redeem(written(await code(world)));
        assert.equal(status, 200, JSON.stringify(data));
        assert.deepEqual([data.token_type, typeof data.refresh_token, data.expires_in > 0], ['bearer', 'string', true]);
        const again = await redeem(written({ grant_type: 'refresh_token', refresh_token: data.refresh_token }));
        assert.equal(again.status, 200, JSON.stringify(again.data));
        assert.notEqual(again.data.access_token, data.access_token);
      }
    });

    it('is told what is wrong', async () => {
      const asked = await code(world);
      const wrong = [
        [asked, { ...world.platform, secret: world.extension.secret }, 'invalid_client'],
        [{ ...asked, code_verifier: 'x'.repeat(43) }, world.platform, 'invalid_grant'],
        [await code(world), world.extension, 'invalid_grant'],
      ];
      for (const [data, credentials, error] of wrong) {
        const told = await redeem(data, credentials);
        assert.deepEqual([told.status, told.data.error], [400, error]);
      }
    });
  });

  describe('with an instance', () => {
    let id;
    let opened;

    before(async () => {
      id = await install(mine);
      assert.match(id, UUID);
    });

    const key = async () => {
      const made = await mine.marketplace.extensionCreateRetrievalKey({ extensionInstanceId: id });
      assert.equal(made.status, 200, JSON.stringify(made.data));
      return made.data;
    };

    it('opens it: a retrieval key for tokens, once, for its person', async () => {
      const made = await key();
      assert.equal(made.accessTokenRetrievalKey.length, 37);
      const exchanged = (data) => nobody.user.authenticateWithAccessTokenRetrievalKey({ data });
      const other = await exchanged({ ...made, userId: PROJECT });
      assert.equal(other.status, 400, JSON.stringify(other.data));
      opened = await exchanged(made);
      assert.equal(opened.status, 200, JSON.stringify(opened.data));
      inFuture(opened.data.expiresAt);
      assert.match(made.userId, UUID);
      assert.match(claims(opened.data.token).sub, /^usr_/, "at an API the person's id is the server's own");
      assert.equal((await exchanged(made)).status, 400, 'once');
    });

    it('goes on with the session, whose refresh token is another each time', async () => {
      const { token, refreshToken } = opened.data;
      const refreshed = await client(world.at, token).user.refreshSession({ data: { refreshToken } });
      assert.equal(refreshed.status, 200, JSON.stringify(refreshed.data));
      assert.notEqual(refreshed.data.refreshToken, refreshToken);
      assert.equal(claims(refreshed.data.token).sub, claims(token).sub);
      inFuture(refreshed.data.expiresAt);
      const wrong = await nobody.user.refreshSession({ data: { refreshToken: `${refreshToken}A` } });
      assert.equal(wrong.status, 400, JSON.stringify(wrong.data));
    });

    it('makes a session token and exchanges it, with the secret of the extension', async () => {
      const made = await mine.marketplace.extensionGenerateSessionToken({ extensionInstanceId: id, sessionId: 's-1' });
      assert.equal(made.status, 200, JSON.stringify(made.data));
      const { sessionToken } = made.data;
      const exchanged = (extensionSecret) =>
        nobody.marketplace.extensionAuthenticateWithSessionToken({ data: { sessionToken, extensionSecret } });
      const issued = await exchanged(world.extension.secret);
      assert.equal(issued.status, 201, JSON.stringify(issued.data));
      inFuture(issued.data.expiry);
      assert.equal((await exchanged(world.platform.secret)).status, 400);
    });

    it('consents, switches off and on', async () => {
      const extensionInstanceId = id;
      const consentedScopes = [...NEEDED, REFUSABLE];
      const scopes = await mine.marketplace.extensionConsentToExtensionScopes({ extensionInstanceId, data: { consentedScopes } });
      assert.equal(scopes.status, 204, JSON.stringify(scopes.data));
      const exchanged = async () => (await nobody.user.authenticateWithAccessTokenRetrievalKey({ data: await key() })).data;
      assert.ok(claims((await exchanged()).token).scope.split(' ').includes(REFUSABLE));
      const before = await key();
      assert.equal((await mine.marketplace.extensionDisableExtensionInstance({ extensionInstanceId })).status, 204);
      assert.equal((await nobody.user.authenticateWithAccessTokenRetrievalKey({ data: before })).status, 400, 'off');
      assert.equal((await mine.marketplace.extensionEnableExtensionInstance({ extensionInstanceId })).status, 204);
      assert.ok((await exchanged()).token);
    });

    it('removes it', async () => {
      const gone = () => mine.marketplace.extensionDeleteExtensionInstance({ extensionInstanceId: id });
      assert.equal((await client(world.at, `${opened.data.token}`).marketplace.extensionDeleteExtensionInstance({ extensionInstanceId: id })).status, 401);
      assert.deepEqual([(await gone()).status, (await gone()).status], [204, 404]);
    });
  });

  it('changes the secret of the extension, and ends one at once', async () => {
    const of = { contributorId: CONTRIBUTOR, extensionId: EXTENSION };
    const made = await mine.marketplace.extensionGenerateExtensionSecret(of);
    assert.equal(made.status, 200, JSON.stringify(made.data));
    const { secretId, secret } = made.data;
    const works = async (secret) => {
      const headers = { authorization: basic({ ...world.extension, secret }) };
      const { data } = await nobody.user.oauthRetrieveAccessToken({ data: { grant_type: 'client_credentials' }, headers });
      return data.error !== 'invalid_client';
    };
    assert.deepEqual([await works(secret), await works(world.extension.secret), await works(`${secret}x`)], [true, true, false]);
    assert.equal((await mine.marketplace.extensionInvalidateExtensionSecret({ ...of, extensionSecretId: secretId })).status, 204);
    assert.deepEqual([await works(secret), await works(world.extension.secret)], [false, true]);
    const other = await mine.marketplace.extensionGenerateExtensionSecret({ ...of, contributorId: 'others' });
    assert.equal(other.status, 404);
  });

  it('lists scopes, reads keys, and logs out', async () => {
    const scopes = await nobody.marketplace.extensionListScopes();
    assert.ok(scopes.data.some(({ name }) => name === REFUSABLE), JSON.stringify(scopes.data));
    const key = await nobody.marketplace.extensionGetPublicKey({ serial: 'latest' });
    assert.deepEqual([key.status, key.data.algorithm, Buffer.from(key.data.key, 'base64').length], [200, 'Ed25519', 32]);
    assert.equal((await nobody.marketplace.extensionGetPublicKey({ serial: 'none' })).status, 404);
    const leaving = await wilma(world);
    const status = () => leaving.user.getCurrentSessionStatus();
    assert.match((await status()).data.userId, UUID);
    const again = () => leaving.user.logout({ data: {} });
    assert.deepEqual([(await again()).status, (await again()).status, (await status()).status], [204, 401, 401]);
  });
});
