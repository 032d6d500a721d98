// @mittwald/ext-bridge: the backend of an extension that is shown in mStudio verifies a session token, and gets tokens for it.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { EXTENSION, NEEDED, PROJECT, UUID, install, mstudio, wilma } from './mstudio.mjs';

const written = (claims) => Buffer.from(JSON.stringify(claims)).toString('base64url');
const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));

describe('@mittwald/ext-bridge', () => {
  let world;
  let bridge;
  let instance;
  let token;

  before(async () => {
    world = await mstudio();
    // It reads the address once, when it is loaded.
    process.env.MW_EXT_API_URL = world.at;
    bridge = await import('@mittwald/ext-bridge/node');
    const mine = await wilma(world);
    instance = await install(mine);
    const made = await mine.marketplace.extensionGenerateSessionToken({ extensionInstanceId: instance, sessionId: 's-1' });
    assert.equal(made.status, 200, JSON.stringify(made.data));
    token = made.data.sessionToken;
  });

  it('verifies a session token, and reads all its claims', async () => {
    const claims = await bridge.verify(token);
    assert.deepEqual(
      [claims.extensionId, claims.extensionInstanceId, claims.context, claims.contextId],
      [EXTENSION, instance, 'project', PROJECT],
    );
    assert.deepEqual([claims.scopes.toSorted(), claims.authenticatableWithoutSecret], [NEEDED.toSorted(), false]);
    assert.match(claims.userId, UUID);
    const { exp, iat } = read(token.split('.')[1]);
    assert.equal(exp - iat, 60);
  });

  it('refuses one that was changed, or is signed by another key', async () => {
    const [head, payload, signature] = token.split('.');
    const claims = read(payload);
    const changed = `${head}.${written({ ...claims, sub: PROJECT })}.${signature}`;
    await assert.rejects(bridge.verify(changed), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    const { privateKey } = generateKeyPairSync('ed25519');
    const forged = `${head}.${payload}`;
    const foreign = `${forged}.${sign(null, Buffer.from(forged), privateKey).toString('base64url')}`;
    await assert.rejects(bridge.verify(foreign), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    const nowhere = `${head}.${written({ ...claims, publicKeySerial: 'none' })}.${signature}`;
    await assert.rejects(bridge.verify(nowhere), (error) => error.response.status === 404);
  });

  it('exchanges it for a token of the person, with the secret of the extension and no other', async () => {
    const issued = await bridge.getAccessToken(token, world.extension.secret);
    const claims = read(issued.publicToken.split('.')[1]);
    // At an API the person's id is the server's own.
    assert.match(claims.sub, /^usr_/);
    assert.ok(new Date(issued.expiry) <= new Date(Date.now() + 60_000), issued.expiry);
    for (const secret of [world.platform.secret, undefined]) {
      await assert.rejects(bridge.getAccessToken(token, secret), (error) => error.response.status === 400);
    }
  });
});
