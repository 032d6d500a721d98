// frame.js: whom a frame without a sign-in asks for a ticket, and from whom it takes one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentOf, Element, run, Window } from '../lib/scripts.mjs';

const ID = 'https://id.example';
const PANEL = 'https://panel.example';
const OTHER = 'https://other.example';
const TICKET = { type: 'doorward:sign-in-ticket', ticket: 'dwt_1' };
const WANTS = { 'data-wants': '' };

/** The page in `window`; `handedIn` are the tickets that its form was submitted with. */
function open(window, attributes = WANTS) {
  const handedIn = [];
  const form = new Element(
    { 'data-extension': 'board', 'data-origins': `${PANEL} ${OTHER}`, ...attributes },
    { elements: { ticket: { value: '' } }, submit: () => handedIn.push(form.elements.ticket.value) },
  );
  run('frame.js', { window, document: documentOf({ 'form[data-extension]': form }) });
  return { handedIn, hear: (origin, data) => window.tell('message', { origin, data }) };
}

const framed = () => new Window(ID, { parent: new Window(PANEL) });

describe('frame.js, a ticket that comes', () => {
  for (const origin of [PANEL, OTHER, ID]) {
    it(`is handed in from ${origin}, and none after it`, () => {
      const { handedIn, hear } = open(framed());
      hear(origin, TICKET);
      hear(origin, { ...TICKET, ticket: 'dwt_2' });
      assert.deepEqual(handedIn, ['dwt_1']);
    });
  }

  it('is handed in where none was asked for', () => {
    const { handedIn, hear } = open(framed(), {});
    hear(PANEL, TICKET);
    assert.deepEqual(handedIn, ['dwt_1']);
  });

  const REFUSED = [
    ['of another site', 'https://stranger.example', TICKET],
    ['of a site whose name begins like one that may', `${PANEL}.stranger.example`, TICKET],
    ['of a site whose name is the beginning of such a one', PANEL.slice(0, -1), TICKET],
    ['of a page that has no origin', 'null', TICKET],
    ['without anything said', PANEL, null],
    ['that is a text', PANEL, TICKET.ticket],
    ['without a type', PANEL, { ticket: TICKET.ticket }],
    ['of another type', PANEL, { ...TICKET, type: 'doorward:session-token' }],
    ['without a ticket', PANEL, { type: TICKET.type }],
    ['whose ticket is no text', PANEL, { ...TICKET, ticket: [TICKET.ticket] }],
  ];
  for (const [what, origin, data] of REFUSED) {
    it(`is not a message ${what}, and one that is comes after it all the same`, () => {
      const { handedIn, hear } = open(framed());
      hear(origin, data);
      assert.deepEqual(handedIn, []);
      hear(PANEL, TICKET);
      assert.deepEqual(handedIn, ['dwt_1']);
    });
  }
});

describe('frame.js, a ticket that is asked for', () => {
  const wanted = (more) => [[{ type: 'doorward:sign-in-wanted', extension: 'board', installation: null, context: null, ...more }, '*']];

  it('is asked of the page around, once where that is the outermost, by all that the request names', () => {
    const window = framed();
    open(window, { ...WANTS, 'data-installation': 'ins_1', 'data-context': 'ctx_1' });
    assert.deepEqual(window.parent.got, wanted({ installation: 'ins_1', context: 'ctx_1' }));
  });

  it('is asked of the page around and of the outermost, and of nobody between', () => {
    const platform = new Window(PANEL);
    const between = new Window(OTHER, { parent: platform });
    const extension = new Window(OTHER, { parent: between });
    open(new Window(ID, { parent: extension }));
    assert.deepEqual([platform.got, between.got, extension.got], [wanted(), [], wanted()]);
  });

  it('is not asked for after one that did not work', () => {
    const window = framed();
    open(window, {});
    assert.deepEqual(window.parent.got, []);
  });

  it('is not asked of itself, in no frame', () => {
    const window = new Window(ID);
    open(window);
    assert.deepEqual(window.got, []);
  });
});
