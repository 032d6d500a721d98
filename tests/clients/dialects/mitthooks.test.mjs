// @weissaufschwarz/mitthooks: an extension's receiver, which keeps what it is told; the extension then shows what it has kept.
//
// Its handler goes on whatever its verifier says (0.3.0), so what is asserted is what the verifier says.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { HttpWebhookHandler } from '@weissaufschwarz/mitthooks/bootstrapping/index';
import { FailedToFetchPublicKey } from '@weissaufschwarz/mitthooks/errors';
import { CombinedWebhookHandlerFactory } from '@weissaufschwarz/mitthooks/factory/combined';
import { NoopLogger } from '@weissaufschwarz/mitthooks/logging/noopLogger';
import { APIPublicKeyProvider } from '@weissaufschwarz/mitthooks/verification/publicKeys';
import { WebhookVerifier } from '@weissaufschwarz/mitthooks/verification/verify';
import { CONTRIBUTOR, EXTENSION, NEEDED, PROJECT, REFUSABLE, UUID, client, install, mstudio, wilma } from './mstudio.mjs';

/** What an extension keeps of its instances. */
class Kept extends Map {
  upsertExtension({ extensionInstanceId, ...told }) {
    this.set(extensionInstanceId, { ...told, enabled: true });
  }

  updateExtension({ extensionInstanceId, ...told }) {
    this.set(extensionInstanceId, { ...this.get(extensionInstanceId), ...told });
  }

  rotateSecret(id, secret) {
    this.set(id, { ...this.get(id), secret });
  }

  removeInstance(id) {
    this.delete(id);
  }
}

describe('@weissaufschwarz/mitthooks', () => {
  const kept = new Kept();
  /** What was told, in order: what the handler is given, and what it answered. */
  const told = [];
  let world;
  let mine;
  let handler;
  let verifier;
  let instance;

  const server = createServer(async (request, response) => {
    const rawBody = Buffer.concat(await request.toArray());
    const { method, headers } = request;
    const answer = await handler.handleWebhook(new Request(`http://${headers.host}${request.url}`, { method, headers, body: rawBody }));
    told.push({
      url: request.url,
      body: JSON.parse(rawBody),
      answered: answer.status,
      content: {
        rawBody: rawBody.toString(),
        signatureSerial: headers['x-marketplace-signature-serial'],
        signatureAlgorithm: headers['x-marketplace-signature-algorithm'],
        signature: headers['x-marketplace-signature'],
      },
    });
    response.writeHead(answer.status).end(await answer.text());
    server.emit('told');
  });

  /** The next that is told, beginning with the first that nobody has looked at. */
  let seen = 0;
  async function next(kind) {
    while (told.length <= seen) await once(server, 'told', { signal: AbortSignal.timeout(30_000) });
    const heard = told[seen];
    seen += 1;
    assert.deepEqual([heard.body.kind, heard.body.id, heard.answered], [kind, instance, 200]);
    assert.equal(await verifier.verify(heard.content), true);
    return heard;
  }

  const token = (secret) =>
    client(world.at).marketplace.extensionAuthenticateInstance({ extensionInstanceId: instance, data: { extensionInstanceSecret: secret } });

  /** A new secret counts once the server has noted that its extension took it. */
  async function counts(secret) {
    for (let tries = 0; tries < 200; tries += 1) {
      const issued = await token(secret);
      if (issued.status === 201) return issued.data;
      await new Promise((resolve) => {
        setTimeout(resolve, 25);
      });
    }
    throw new Error('the secret never counted');
  }

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    world = await mstudio(`http://127.0.0.1:${server.address().port}/hooks/:contextId`);
    const keys = APIPublicKeyProvider.newWithUnauthenticatedAPIClient(world.at);
    verifier = new WebhookVerifier(new NoopLogger(), keys);
    const build = new CombinedWebhookHandlerFactory(kept, EXTENSION).withoutLogging().withMittwaldAPIURL(world.at);
    handler = new HttpWebhookHandler(build.build());
    mine = await wilma(world);
    instance = await install(mine);
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is told of an instance, and its secret opens the instance', async () => {
    const { url, body } = await next('ExtensionAddedToContext');
    assert.equal(url, `/hooks/${PROJECT}`);
    assert.deepEqual(body.meta, { extensionId: EXTENSION, contributorId: CONTRIBUTOR });
    const { secret, contextId, consentedScopes } = kept.get(instance);
    assert.deepEqual([contextId, consentedScopes.toSorted()], [PROJECT, NEEDED.toSorted()]);
    const issued = await counts(secret);
    assert.ok(new Date(issued.expiry) > new Date());
    assert.equal((await token(`${secret}x`)).status, 400);
  });

  it('is told of consent, and of being switched', async () => {
    const extensionInstanceId = instance;
    await mine.marketplace.extensionConsentToExtensionScopes({ extensionInstanceId, data: { consentedScopes: [...NEEDED, REFUSABLE] } });
    await next('InstanceUpdated');
    assert.ok(kept.get(instance).consentedScopes.includes(REFUSABLE));
    await mine.marketplace.extensionDisableExtensionInstance({ extensionInstanceId });
    await next('InstanceUpdated');
    assert.equal(kept.get(instance).enabled, false);
    await mine.marketplace.extensionEnableExtensionInstance({ extensionInstanceId });
    await next('InstanceUpdated');
    assert.equal(kept.get(instance).enabled, true);
  });

  it('is told a new secret, and the one before it is dead', async () => {
    const before = kept.get(instance).secret;
    const rotated = await mine.marketplace.contributorRotateSecretForExtensionInstance({
      contributorId: CONTRIBUTOR,
      extensionId: EXTENSION,
      extensionInstanceId: instance,
      data: {},
    });
    assert.equal(rotated.status, 200, JSON.stringify(rotated.data));
    assert.deepEqual(rotated.data.webhookResult, { failure: false, statusCode: 200 });
    await next('SecretRotated');
    const { secret } = kept.get(instance);
    assert.equal(secret, rotated.data.secret);
    assert.deepEqual([(await token(secret)).status, (await token(before)).status], [201, 400]);
  });

  it('is listed with what it was told', async () => {
    const listed = async (queryParameters, contributorId = CONTRIBUTOR) => {
      const all = await mine.marketplace.extensionListAllExtensionInstanceWebhookExecutions({ contributorId, queryParameters });
      return all.status === 200 ? all.data.map(({ kind, state, attempts }) => ({ kind, state, attempts })) : all.status;
    };
    const told = await listed({ extensionInstanceId: instance, state: ['successful'] });
    assert.deepEqual(told.filter(({ kind }) => kind === 'extensionAddedToContext'), [{ kind: 'extensionAddedToContext', state: 'successful', attempts: 1 }]);
    assert.deepEqual(await listed({ extensionInstanceId: instance, state: ['failed', 'halted'] }), []);
    assert.equal(await listed({}, 'others'), 404);
  });

  it('verifies nothing that was changed, nor by another key', async () => {
    const [{ content }] = told;
    assert.equal(await verifier.verify(content), true);
    assert.equal(await verifier.verify({ ...content, rawBody: content.rawBody.replace(`"${PROJECT}"`, '"p-2"') }), false);
    assert.equal(await verifier.verify({ ...content, signature: told[1].content.signature }), false);
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url').toString('base64');
    const other = new WebhookVerifier(new NoopLogger(), { getPublicKey: async () => key });
    assert.equal(await other.verify(content), false);
    await assert.rejects(verifier.verify({ ...content, signatureSerial: 'none' }), FailedToFetchPublicKey);
  });

  it('is told as if, and nothing is changed', async () => {
    const ran = await mine.marketplace.extensionDryRunWebhook({
      contributorId: CONTRIBUTOR,
      extensionId: EXTENSION,
      extensionInstanceId: instance,
      webhookKind: 'extension-instance-updated',
    });
    assert.equal(ran.status, 200, JSON.stringify(ran.data));
    assert.deepEqual([ran.data.successful, ran.data.responseCode], [true, 200]);
    const { url } = await next('InstanceUpdated');
    const marks = new URL(url, world.at).searchParams;
    assert.equal(marks.get('dry-run'), 'true');
    assert.match(marks.get('executing-user-id'), UUID);
    assert.equal((await token(kept.get(instance).secret)).status, 201);
  });

  it('is told that an instance is gone', async () => {
    const { secret } = kept.get(instance);
    assert.equal((await mine.marketplace.extensionDeleteExtensionInstance({ extensionInstanceId: instance })).status, 204);
    await next('InstanceRemovedFromContext');
    assert.equal(kept.size, 0);
    assert.equal((await token(secret)).status, 400);
    assert.equal(told.length, seen, 'nothing was told twice');
  });
});
