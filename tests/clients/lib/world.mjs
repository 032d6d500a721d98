// The server under test and what `doorward dev` seeds it with.
import { randomBytes } from 'node:crypto';

export const ISSUER = process.env.DOORWARD_TEST_ISSUER;
export const DEMO = process.env.DOORWARD_TEST_DEMO;
if (!ISSUER) throw new Error('run this through tests/tools/with-doorward');

export const ALICE = { username: 'alice', password: 'doorward-dev' };
export const BOB = { username: 'bob', password: 'doorward-dev' };
export const CAROL = { username: 'carol', password: 'doorward-dev' };
/** Administers the tenant acme; carol administers the server. */
export const AMY = { username: 'amy', password: 'doorward-dev' };

export const API = 'https://api.demo.example';
/** Where clients wait for their answers; the seed registers this port. */
export const CALLBACK = 'http://localhost:9000/cb';

/** The secret that the seed gives a confidential client. */
export function secretOf(client) {
  return `dev-secret-of-${client}-0123456789abcdefghijklmnopqrstuv`;
}

export function random() {
  return randomBytes(18).toString('base64url');
}

/** A name that nothing else has, of lower-case letters and digits. */
export function named(prefix) {
  return `${prefix}-${random().toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`;
}

/** An authorization request by hand, for tests that want to see pages rather than tokens. */
export function authorizationUrl(parameters = {}) {
  const url = new URL(`${ISSUER}/authorize`);
  const all = {
    client_id: 'demo-web',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    state: random(),
    nonce: random(),
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/** The verifier of the challenge above (RFC 7636, appendix B). */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
