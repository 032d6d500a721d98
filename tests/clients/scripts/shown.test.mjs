// shown.js: our own page around an extension opens it, and asks us for what it hands to it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentOf, Element, FormData, load, pending, settled, stand, Window } from '../lib/scripts.mjs';

const ID = 'https://id.example';
const INVOICES = 'https://invoices.example';
const SIGN_IN = { type: 'doorward:sign-in-wanted', extension: 'invoices', installation: 'ins_2', context: 'ctx_1' };
const SESSION = { type: 'doorward:session-token-wanted' };

/** The page of the installation `ins_1` at an issuer; `heardWhenOpened`: who listened when the extension was opened. */
async function open(t, issuer = ID) {
  const window = new Window(ID);
  const framed = new Window(INVOICES, { parent: window });
  const dataset = { issuer, installation: 'ins_1', extension: `${INVOICES}/opened` };
  const opened = [];
  const form = new Element({}, { fields: { form: 'f' }, submit: () => opened.push(window.listeners.length) });
  const document = documentOf({ 'iframe[data-issuer]': { dataset, contentWindow: framed }, 'form[data-shown]': form });
  const fetch = pending();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failures = t.mock.method(console, 'error', () => {}).mock;
  stand(t, { window, document, fetch, FormData });
  await load('shown.js');
  const hear = (origin, data) => window.tell('message', { source: framed, origin, data });
  return { framed, opened, asked: fetch.asked, failures, hear };
}

describe('shown.js', () => {
  it('opens the extension once it listens', async (t) => {
    const { opened } = await open(t);
    assert.deepEqual(opened, [1]);
  });

  const ISSUERS = [
    ['without a path', ID, ''],
    ['whose path is a slash', `${ID}/`, ''],
    ['with a path', `${ID}/t/acme`, '/t/acme'],
    ['whose path ends in a slash', `${ID}/t/acme/`, '/t/acme'],
  ];
  for (const [what, issuer, prefix] of ISSUERS) {
    it(`asks an issuer ${what} for tickets and session tokens of the installation that it shows`, async (t) => {
      const { framed, asked, hear } = await open(t, issuer);
      hear(ID, SIGN_IN);
      hear(INVOICES, SESSION);
      const questions = asked.map(({ about: [address, { method, body }] }) => [method, address, body.toString()]);
      const at = `${prefix}/account/installations/ins_1`;
      assert.deepEqual(questions, [
        ['POST', `${at}/sign-in-ticket`, 'form=f'],
        ['POST', `${at}/session-token`, 'form=f'],
      ]);
      asked[0].answer({ ok: true, json: async () => ({ sign_in_ticket: 'dwt_1' }) });
      await settled();
      asked[1].answer({ ok: true, json: async () => ({ session_token: 'dws_1', expires_in: 300 }) });
      await settled();
      assert.deepEqual(framed.got, [
        [{ type: 'doorward:sign-in-ticket', ticket: 'dwt_1' }, ID],
        [{ type: 'doorward:session-token', session_token: 'dws_1', expires_in: 300 }, INVOICES],
      ]);
    });
  }

  it('hands over nothing of an answer that refuses, and says which', async (t) => {
    const { framed, asked, failures, hear } = await open(t);
    hear(ID, SIGN_IN);
    hear(INVOICES, SESSION);
    for (const { answer } of asked) {
      answer({ ok: false, status: 403, json: async () => ({ sign_in_ticket: 'dwt_1', session_token: 'dws_1' }) });
      await settled();
    }
    assert.deepEqual(framed.got, []);
    const problems = failures.calls.map((call) => call.arguments[1].message);
    assert.deepEqual(problems, ['sign-in-ticket: 403', 'session-token: 403']);
  });
});
