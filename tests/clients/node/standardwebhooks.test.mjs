// standardwebhooks: an extension hears of its installation, and verifies by the secret that it shares with the server.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { apply } from '../lib/commands.mjs';
import { ISSUER, named, random } from '../lib/world.mjs';

const EXTENSION = named('told');
const SECRET = `secret-of-an-extension-${random()}-${random()}`;
const AUTHORIZATION = { authorization: `Basic ${btoa(`${EXTENSION}:${SECRET}`)}` };

describe('standardwebhooks, an extension that is told', () => {
  let heard;
  let whsec;
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.writeHead(204).end();
    server.emit('heard', { headers: request.headers, body: Buffer.concat(pieces).toString() });
  });

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const webhook_url = `http://127.0.0.1:${server.address().port}/hooks/:contextId`;
    await apply({
      id: 'demo',
      clients: [{ id: EXTENSION, grant_types: ['client_credentials'], secrets: [{ value: SECRET }] }],
      extensions: [{ id: EXTENSION, manifest: { name: 'Told', webhook_url } }],
    });
    const made = await fetch(`${ISSUER}/extensions/${EXTENSION}/webhook-secrets`, { method: 'POST', headers: AUTHORIZATION });
    assert.equal(made.status, 201);
    whsec = (await made.json()).secret;
    const coming = once(server, 'heard');
    await apply({ id: 'demo', installations: [{ extension: EXTENSION, context: 'tenant/demo' }] });
    [heard] = await coming;
  });
  after(() => server.close());

  it('verifies what it is told', () => {
    const told = new Webhook(whsec).verify(heard.body, heard.headers);
    assert.equal(told.kind, 'Added');
    assert.equal(told.extension, EXTENSION);
    assert.match(told.secret, /^dwx_/);
  });

  it('refuses a digit that was changed, another id, another time and another secret', () => {
    const webhook = new Webhook(whsec);
    const { headers, body } = heard;
    const refused = (body, headers, by = webhook) => assert.throws(() => by.verify(body, headers), /No matching signature/);
    refused(body.replace('"number":1', '"number":2'), headers);
    refused(body, { ...headers, 'webhook-id': 'msg_other' });
    refused(body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) });
    refused(body, headers, new Webhook(`whsec_${btoa('another secret of thirty-two byte')}`));
  });

  it('verifies by the public key of the serial, with what Node has', async () => {
    const { headers, body } = heard;
    const serial = headers['doorward-signature-serial'];
    const { key } = await (await fetch(`${ISSUER}/webhook-keys/${serial}?format=spki`)).json();
    const publicKey = createPublicKey(key);
    const fits = (text, signature) => verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
    assert.ok(fits(body, headers['doorward-signature']));
    assert.ok(!fits(body.replace('"number":1', '"number":2'), headers['doorward-signature']));
    const [, signature] = headers['webhook-signature'].split(' ').find((one) => one.startsWith('v1a,')).split(',');
    assert.ok(fits(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`, signature));
  });
});
