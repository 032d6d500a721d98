// The tenant of mstudio.yaml, and mittwald's client of its API as those who use it there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MittwaldAPIV2Client } from '@mittwald/api-client';
import { Browser } from '../lib/browser.mjs';
import { applyText } from '../lib/commands.mjs';
import { ISSUER, VERIFIER, authorizationUrl, named, random } from '../lib/world.mjs';

export const CONTRIBUTOR = 'makers';
export const EXTENSION = 'd1a7f3c2-64b0-4e0e-9d55-0c2b7a4e8f10';
export const PROJECT = '5b0c9e4a-2f6d-4c17-8a31-7de2f0b96c45';
/** How ids are written. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What the extension cannot do without, and what it can. */
export const NEEDED = ['openid', 'offline_access', 'tasks:read'];
export const REFUSABLE = 'tasks:write';

const WILMA = { username: 'wilma', password: 'a quiet morning at sea' };
const CALLBACK = 'https://mstudio.example/cb';
const STATE = readFileSync(new URL('mstudio.yaml', import.meta.url), 'utf8');

const secret = () => `${random()}-${random()}`;
export const basic = ({ id, secret }) => `Basic ${btoa(`${id}:${secret}`)}`;

/** Makes such a tenant. `at` is its issuer, `platform` and `extension` are clients with `id` and `secret`. */
export async function mstudio(webhook_url = 'null') {
  const tenant = named('mstudio');
  const world = { at: `${ISSUER}/${tenant}`, platform: { id: 'platform', secret: secret() }, extension: { id: EXTENSION, secret: secret() } };
  const values = { tenant, at: world.at, webhook_url, platform_secret: world.platform.secret, extension_secret: world.extension.secret };
  await applyText(STATE.replaceAll(/\$\{(\w+)\}/g, (_, name) => values[name]));
  return world;
}

/** The client at that issuer, as whoever has the token. */
export function client(at, token) {
  const client = token ? MittwaldAPIV2Client.newWithToken(token) : MittwaldAPIV2Client.newUnauthenticated();
  client.axios.defaults.baseURL = at;
  return client;
}

/** A code of Wilma's for the platform, and what its exchange says. */
export async function code({ at, platform }) {
  const url = new URL(`${at}/v2/oauth2/authorize`);
  const scope = 'openid offline_access admin:installations.write admin:extensions.write';
  url.search = authorizationUrl({ client_id: platform.id, redirect_uri: CALLBACK, scope, nonce: undefined }).search;
  const arrival = await new Browser().authorize(url.href, { until: CALLBACK, ...WILMA });
  assert.equal(arrival.parameters.get('state'), url.searchParams.get('state'));
  return { grant_type: 'authorization_code', code: arrival.parameters.get('code'), redirect_uri: CALLBACK, code_verifier: VERIFIER };
}

/** The client, as Wilma. */
export async function wilma(world) {
  const { status, data } = await client(world.at).user.oauthRetrieveAccessToken({
    data: await code(world),
    headers: { authorization: basic(world.platform) },
  });
  assert.equal(status, 200, JSON.stringify(data));
  return client(world.at, data.access_token);
}

/** Installs the extension in the project: the id of the instance. */
export async function install(mine) {
  const made = await mine.marketplace.extensionCreateExtensionInstance({
    data: { extensionId: EXTENSION, context: 'project', contextId: PROJECT, consentedScopes: NEEDED },
  });
  assert.equal(made.status, 201, JSON.stringify(made.data));
  return made.data.id;
}
