// handover.js: the window that a frame opened gets a ticket for that frame, and for nobody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentOf, Element, FormData, pending, run, settled, Window } from '../lib/scripts.mjs';

const ID = 'https://id.example';
const MADE = { sign_in_ticket: 'dwt_1' };
const answer = (ok, made) => ({ ok, json: async () => made });

/** The page, with a button for each address of a ticket, in a window that `opener` opened. */
function open(opener, ...tickets) {
  const window = new Window(ID, { opener });
  const buttons = tickets.map((ticket) => new Element({ 'data-ticket': ticket }));
  const form = new Element({}, { fields: { form: 'f' }, querySelectorAll: (selector) => (selector === 'button' ? buttons : []) });
  const [alone, refused] = [new Element({}, { hidden: true }), new Element({}, { hidden: true })];
  const fetch = pending();
  const document = documentOf({ 'form[data-handover]': form, '#alone': alone, '#refused': refused });
  run('handover.js', { window, document, fetch, FormData });
  const shown = () => Object.entries({ form, alone, refused }).filter(([, { hidden }]) => !hidden).map(([name]) => name);
  let prevented = 0;
  const submit = (submitter) => form.tell('submit', { submitter, preventDefault: () => (prevented += 1) });
  return { window, buttons, asked: fetch.asked, shown, submit, prevented: () => prevented };
}

/** What a window of another site shows of itself: whoever looks for more is stopped. */
class Stranger extends Window {
  constructor() {
    super('https://stranger.example');
    Object.defineProperty(this, 'location', {
      get() {
        throw new Error('SecurityError');
      },
    });
  }
}

describe('handover.js, opened by a frame of ours', () => {
  it('gets the only ticket there is at once, hands it to that frame as long as it is ours, and closes', async () => {
    const opener = new Window(ID);
    const { window, asked, shown } = open(opener, '/one');
    const [[address, { method, body }]] = asked.map(({ about }) => about);
    assert.deepEqual([address, method, body.toString(), shown()], ['/one', 'POST', 'form=f', []]);
    assert.deepEqual([opener.got, window.isClosed], [[], false]);
    asked[0].answer(answer(true, MADE));
    await settled();
    assert.deepEqual(opener.got, [[{ type: 'doorward:sign-in-ticket', ticket: 'dwt_1' }, ID]]);
    assert.deepEqual([window.isClosed, shown(), asked.length], [true, [], 1]);
  });

  it('asks which of several, and gets the one that is pressed without leaving the page', async () => {
    const opener = new Window(ID);
    const { window, buttons, asked, shown, submit, prevented } = open(opener, '/one', '/two');
    assert.deepEqual([asked, shown()], [[], ['form']]);
    submit(buttons[1]);
    assert.deepEqual([asked.map(({ about }) => about[0]), prevented()], [['/two'], 1]);
    asked[0].answer(answer(true, MADE));
    await settled();
    assert.deepEqual([opener.got.length, window.isClosed], [1, true]);
  });

  it('gets the first where the browser does not say which was pressed', () => {
    const { asked, submit } = open(new Window(ID), '/one', '/two');
    submit(undefined);
    assert.deepEqual(asked.map(({ about }) => about[0]), ['/one']);
  });

  const REFUSALS = [
    ['is refused', (question) => question.answer(answer(false, MADE))],
    ['does not come', (question) => question.fail(new TypeError('offline'))],
    ['is no JSON', (question) => question.answer({ ok: true, json: () => Promise.reject(new SyntaxError('<')) })],
  ];
  for (const [what, refuse] of REFUSALS) {
    it(`says so where the answer ${what}, and hands nothing over`, async () => {
      const opener = new Window(ID);
      const { window, asked, shown } = open(opener, '/one');
      refuse(asked[0]);
      await settled();
      assert.deepEqual([opener.got, window.isClosed, shown()], [[], false, ['refused']]);
    });
  }

  it('says so where that frame is gone when the ticket comes', async () => {
    const { window, asked, shown } = open(new Window(ID), '/one');
    window.opener = null;
    asked[0].answer(answer(true, MADE));
    await settled();
    assert.deepEqual([window.isClosed, shown()], [false, ['refused']]);
  });
});

describe('handover.js, opened by somebody else', () => {
  const OPENERS = [
    ['nobody', null],
    ['another site', new Stranger()],
    ['a page that lets itself be read and is not ours', new Window('https://stranger.example')],
  ];
  for (const [who, opener] of OPENERS) {
    it(`asks for nothing and stays, where ${who} did`, async () => {
      for (const tickets of [['/one'], ['/one', '/two']]) {
        const { window, buttons, asked, shown, submit } = open(opener, ...tickets);
        submit(buttons[0]);
        await settled();
        assert.deepEqual([asked, shown(), window.isClosed, opener?.got ?? []], [[], ['alone'], false, []]);
      }
    });
  }
});
