// host.js: what the page around a frame hands to it, to whom, and until when.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load, pending, settled, stand, Window } from '../lib/scripts.mjs';

const { host } = await load('host.js');

const ID = 'https://id.example';
const INVOICES = 'https://invoices.example';
const PANEL = 'https://panel.example';
const SIGN_IN = { type: 'doorward:sign-in-wanted', extension: 'invoices', installation: 'ins_1', context: 'ctx_1' };
const SESSION = { type: 'doorward:session-token-wanted' };

/** The platform's page with a frame in it; the test gives the answers of its backend, and lets time pass. */
function open(t, functions) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failures = t.mock.method(console, 'error', () => {}).mock;
  const page = new Window(PANEL);
  const framed = new Window(INVOICES, { parent: page });
  const [signIns, sessions] = [pending(), pending()];
  stand(t, { window: page });
  // Addresses with a path: what is compared and answered is their origin.
  const origins = { issuer: `${ID}/t/acme`, extension: `${INVOICES}/opened` };
  const both = { signInTicket: signIns, sessionToken: sessions };
  const stop = host({ contentWindow: framed }, { ...origins, ...(functions ?? both) });
  return {
    page,
    framed,
    stop,
    signIns: signIns.asked,
    sessions: sessions.asked,
    failures: () => failures.callCount(),
    hear: (source, origin, data) => page.tell('message', { source, origin, data }),
    wantSignIn: () => page.tell('message', { source: framed, origin: ID, data: SIGN_IN }),
    wantSession: () => page.tell('message', { source: framed, origin: INVOICES, data: SESSION }),
    /** A session token is asked for once more when so many seconds have passed, and not earlier. */
    assertAskedAfter: (seconds) => {
      const before = sessions.asked.length;
      t.mock.timers.tick(seconds * 1000 - 1);
      assert.equal(sessions.asked.length, before, 'too early');
      t.mock.timers.tick(1);
      assert.equal(sessions.asked.length, before + 1, 'not then');
    },
    assertNeverAsked: () => {
      const before = sessions.asked.length;
      t.mock.timers.tick(24 * 60 * 60 * 1000);
      assert.equal(sessions.asked.length, before);
    },
  };
}

async function keep(question, made) {
  question.answer(made);
  await settled();
}

async function breakIt(question) {
  question.fail(new Error('503'));
  await settled();
}

const ticket = (ticket) => [{ type: 'doorward:sign-in-ticket', ticket }, ID];
const session = (session_token, expires_in) => [{ type: 'doorward:session-token', session_token, expires_in }, INVOICES];

describe('host.js, who is answered', () => {
  it('is the frame, with a sign-in ticket for what it names, at our origin', async (t) => {
    const { framed, signIns, hear } = open(t);
    hear(framed, ID, { ...SIGN_IN, more: 'of its own' });
    const { type, ...named } = SIGN_IN;
    assert.deepEqual(signIns.map(({ about }) => about), [[named]]);
    await keep(signIns[0], { sign_in_ticket: 'dwt_1', expires_in: 60 });
    assert.deepEqual(framed.got, [ticket('dwt_1')]);
  });

  it('is the frame, with a session token, at the origin of the extension', async (t) => {
    const { framed, sessions, wantSession } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300, more: 'of the backend' });
    assert.deepEqual(framed.got, [session('dws_1', 300)]);
  });

  it('is what stands in the frame, however deep', async (t) => {
    const { page, framed, signIns, sessions, hear } = open(t);
    const inner = new Window(ID, { parent: new Window(INVOICES, { parent: framed }) });
    hear(inner, ID, SIGN_IN);
    await keep(signIns[0], { sign_in_ticket: 'dwt_1' });
    hear(inner, INVOICES, SESSION);
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300 });
    assert.deepEqual([inner.got, framed.got, page.got], [[ticket('dwt_1'), session('dws_1', 300)], [], []]);
  });

  const UNANSWERED = [
    ['a frame beside it', ({ page }) => new Window(ID, { parent: page })],
    ['the page itself', ({ page }) => page],
    ['another window', () => new Window(ID)],
    ['a window that is gone', () => null],
  ];
  for (const [who, source] of UNANSWERED) {
    it(`is not ${who}`, (t) => {
      const world = open(t);
      world.hear(source(world), ID, SIGN_IN);
      world.hear(source(world), INVOICES, SESSION);
      assert.deepEqual([world.signIns, world.sessions], [[], []]);
    });
  }

  const UNHEARD = [
    ['the extension, which is not signed in by it', INVOICES, SIGN_IN],
    ['a stranger that the frame was led to', 'https://stranger.example', SIGN_IN],
    ['a page of ours, which has no sessions', ID, SESSION],
    ['a stranger in the place of the extension', 'https://stranger.example', SESSION],
    ['who says nothing', INVOICES, null],
    ['who says something else', INVOICES, { type: 'resize' }],
  ];
  for (const [who, origin, data] of UNHEARD) {
    it(`is not ${who}`, (t) => {
      const { framed, signIns, sessions, hear } = open(t);
      hear(framed, origin, data);
      assert.deepEqual([signIns, sessions], [[], []]);
    });
  }

  it('is nobody where the page gives nothing', async (t) => {
    const { framed, signIns, wantSignIn, failures } = open(t);
    wantSignIn();
    await keep(signIns[0], undefined);
    assert.deepEqual([framed.got, failures()], [[], 0]);
  });

  it('is nobody where the page has no such function', async (t) => {
    const { framed, wantSignIn, wantSession, failures, assertNeverAsked } = open(t, {});
    wantSignIn();
    wantSession();
    await settled();
    assertNeverAsked();
    assert.deepEqual([framed.got, failures()], [[], 0]);
  });

  it('is told nothing of a failure, and answered when it asks again', async (t) => {
    const { framed, signIns, wantSignIn, failures } = open(t);
    wantSignIn();
    await breakIt(signIns[0]);
    assert.deepEqual([framed.got, failures()], [[], 1]);
    wantSignIn();
    await keep(signIns[1], { sign_in_ticket: 'dwt_2' });
    assert.deepEqual(framed.got, [ticket('dwt_2')]);
  });
});

describe('host.js, a session token', () => {
  it('is followed by another 15 seconds before its end, again and again', async (t) => {
    const { framed, sessions, wantSession, assertAskedAfter } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300 });
    assertAskedAfter(285);
    await keep(sessions[1], { session_token: 'dws_2', expires_in: 60 });
    assertAskedAfter(45);
    assert.deepEqual(framed.got, [session('dws_1', 300), session('dws_2', 60)]);
  });

  it('is followed by another after 5 seconds at least', async (t) => {
    const { sessions, wantSession, assertAskedAfter } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 19 });
    assertAskedAfter(5);
    await keep(sessions[1], { session_token: 'dws_2', expires_in: 21 });
    assertAskedAfter(6);
  });

  it('that says nothing of its end is followed by another after 20 seconds', async (t) => {
    const { sessions, wantSession, assertAskedAfter } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1' });
    assertAskedAfter(20);
  });

  it('that could not be had is tried for after 20 seconds', async (t) => {
    const { framed, sessions, wantSession, failures, assertAskedAfter } = open(t);
    wantSession();
    await breakIt(sessions[0]);
    assert.deepEqual([framed.got, failures()], [[], 1]);
    assertAskedAfter(20);
    await keep(sessions[1], { session_token: 'dws_2', expires_in: 300 });
    assert.deepEqual(framed.got, [session('dws_2', 300)]);
  });

  it('that is not given is not tried for', async (t) => {
    const { framed, sessions, wantSession, failures, assertNeverAsked } = open(t);
    wantSession();
    await keep(sessions[0], undefined);
    assertNeverAsked();
    assert.deepEqual([framed.got, failures()], [[], 0]);
  });

  it('that answers an earlier wish is dropped, and so is its failure', async (t) => {
    const { framed, sessions, wantSession, assertAskedAfter, assertNeverAsked } = open(t);
    wantSession();
    wantSession();
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 30 });
    await breakIt(sessions[1]);
    assertNeverAsked();
    await keep(sessions[2], { session_token: 'dws_3', expires_in: 300 });
    assertAskedAfter(285);
    assert.deepEqual(framed.got, [session('dws_3', 300)]);
  });

  it('that is wished for before its time takes the place of the one that was to follow', async (t) => {
    const { sessions, wantSession, assertAskedAfter, assertNeverAsked } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300 });
    wantSession();
    assertNeverAsked();
    await keep(sessions[1], { session_token: 'dws_2', expires_in: 600 });
    assertAskedAfter(585);
  });
});

describe('host.js, stopped', () => {
  it('hears nobody', (t) => {
    const { page, signIns, sessions, stop, wantSignIn, wantSession } = open(t);
    stop();
    wantSignIn();
    wantSession();
    assert.deepEqual([signIns, sessions, page.listeners], [[], [], []]);
  });

  it('renews nothing', async (t) => {
    const { sessions, stop, wantSession, assertNeverAsked } = open(t);
    wantSession();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300 });
    stop();
    assertNeverAsked();
  });

  it('drops the session token that was on its way', async (t) => {
    const { framed, sessions, stop, wantSession, assertNeverAsked } = open(t);
    wantSession();
    stop();
    await keep(sessions[0], { session_token: 'dws_1', expires_in: 300 });
    assertNeverAsked();
    assert.deepEqual(framed.got, []);
  });

  it('does not try again for one that could not be had', async (t) => {
    const { sessions, stop, wantSession, assertNeverAsked } = open(t);
    wantSession();
    stop();
    await breakIt(sessions[0]);
    assertNeverAsked();
  });

  it('drops the sign-in ticket that was on its way', async (t) => {
    const { framed, signIns, stop, wantSignIn } = open(t);
    wantSignIn();
    stop();
    await keep(signIns[0], { sign_in_ticket: 'dwt_1' });
    assert.deepEqual(framed.got, []);
  });
});
