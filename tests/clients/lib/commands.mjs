// The server's commands, on the data folder of the server under test, and people made for one test each.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ISSUER, named } from './world.mjs';

const BINARY = process.env.DOORWARD_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/doorward', import.meta.url));
const run = promisify(execFile);

/** Runs a command; what it printed. */
export async function doorward(...words) {
  const { stdout } = await run(BINARY, [...words, '--data', process.env.DOORWARD_TEST_DATA]);
  return stdout;
}

/** The link that a command makes. */
export async function link(...words) {
  const made = JSON.parse(await doorward(...words, '--output', 'json'));
  return made.url ?? made.link;
}

/** Applies what is given of a tenant: what is not named stays. */
export function apply(tenant) {
  return applyText(JSON.stringify({ tenants: [tenant] }));
}

/** The same, of a state file. */
export async function applyText(text) {
  const running = run(BINARY, ['apply', '-f', '-', '--data', process.env.DOORWARD_TEST_DATA]);
  running.child.stdin.end(text);
  await running;
}

/** An extension that may know who works with it; `consent` says who is asked. */
function extension(id, name, consent) {
  const scopes = [
    { name: 'openid', reason: 'to know who works with it' },
    { name: 'profile', reason: 'to greet people by their name' },
  ];
  const at = `https://${id}.example`;
  const launch_url = `${at}/open?user=:userId&key=:accessTokenRetrievalKey`;
  const manifest = { name, summary: 'Prints what a shop sends.', scopes, consent, callback_url: `${at}/callback`, launch_url, frame_origins: ['https://panel.example'] };
  return { id, state: 'published', manifest };
}

/** One that asks for something that can be refused, in two variants, by somebody else. */
function labels() {
  const { manifest, ...rest } = extension('labels', 'Label Maker', 'asked');
  const refusable = [
    { name: 'email', reason: 'to send you what it printed', optional: true },
    { name: 'offline_access', reason: 'to print at night, when nobody is there', optional: true },
  ];
  const variants = [
    { key: 'small', name: 'Small', description: 'Up to a hundred labels a day' },
    { key: 'large', name: 'Large' },
  ];
  const description = 'It prints a label for each parcel.\nWhat was printed is kept for a week.';
  return { ...rest, contributor: 'company/makers', manifest: { ...manifest, description, variants, scopes: [...manifest.scopes, ...refusable] } };
}

/** One that is told what happens, at an address where nobody answers. */
function posts() {
  const { manifest, ...rest } = extension('posts', 'Post Room', 'implicit');
  return { ...rest, manifest: { ...manifest, webhook_url: 'https://posts.invalid/told' } };
}

/** A tenant whose people sign up by themselves; nothing of it is of another test. */
export const PAGES = {
  id: 'pages',
  name: 'Pages & Co',
  settings: { second_factor: 'optional', sign_up: { open: true, domains: [] } },
  issuers: [{ id: 'pages', url: `${ISSUER}/t/pages` }],
  roles: [
    { id: 'reader', name: 'Reader', permissions: ['orders:read'] },
    { id: 'editor', name: 'Editor', description: 'Changes what readers read', permissions: ['orders:read', 'orders:write'] },
    { id: 'keeper', name: 'Keeper', permissions: ['admin:installations.read', 'admin:installations.write'] },
  ],
  contexts: [
    { id: 'company/makers', name: 'Paper Works' },
    { id: 'company/north', name: 'North' },
    { id: 'project/harbour', name: 'Harbour', parent: 'company/north' },
    { id: 'project/depot', name: 'Depot', parent: 'company/north' },
  ],
  extensions: [extension('invoices', 'Invoice Printer', 'implicit'), extension('letters', 'Letter Press', 'asked'), labels(), posts()],
  installations: ['project/harbour', 'project/depot'].flatMap((context) => [
    { extension: 'invoices', context },
    { extension: 'letters', context },
    { extension: 'posts', context },
  ]),
};
/** A tenant that asks everybody for a second factor. */
export const STRICT = {
  id: 'strict',
  name: 'Strict',
  settings: { second_factor: 'required' },
  issuers: [{ id: 'strict', url: `${ISSUER}/t/strict` }],
};

/** A fresh person of a tenant, which is made where it is not there; `more` says what is special about them. */
export async function newcomer(tenant = PAGES, more = {}) {
  const name = named('n');
  const user = { user_name: name, email: `${name}@example.net`, email_verified: true, password: 'a quiet morning at sea', ...more };
  await apply({ ...tenant, users: [{ ...user, profile: { name: 'Nora North' } }] });
  return { username: name, email: user.email, password: user.password };
}
