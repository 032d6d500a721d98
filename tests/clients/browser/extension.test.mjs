// An extension, as people and a platform use it: opened, shown in a frame of another site with third-party cookies blocked, narrowed, removed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, person } from '../lib/chromium.mjs';
import { admin, start, WANDA } from '../lib/platform.mjs';
import { button, press, signIn } from '../lib/pages.mjs';
import { ALICE, DEMO, ISSUER } from '../lib/world.mjs';

let browser;
let world;
before(async () => {
  // What Chromium calls its end of third-party cookies.
  browser = await launch('--test-third-party-cookie-phaseout');
  world = await start();
});
after(async () => {
  world?.close();
  await browser?.close();
});

const heading = (frame, name) => frame.getByRole('heading', { level: 1, name }).waitFor();
const inside = (tab) => tab.frameLocator('iframe');

describe('the demo extension', () => {
  it('is opened inside a page of ours, and signs in inside its frame', async (t) => {
    const context = await person(t, browser);
    const tab = await context.newPage();
    await tab.goto(`${ISSUER}/account`);
    await signIn(tab, ALICE);
    await tab.goto(`${ISSUER}/account/extensions`);
    const action = await tab.locator('li', { hasText: 'Task Board' }).locator('form[action$="/open"]').getAttribute('action');
    await tab.goto(`${ISSUER}${action.replace(/open$/, 'frame')}`);
    await heading(inside(tab), 'Signed in as Alice Adams');
    await inside(tab).locator('#now', { hasText: 'tasks:write' }).waitFor();
    await inside(tab).getByRole('link', { name: 'Sign in inside this frame' }).click();
    await inside(tab).getByText('by a cookie of the frame’s own').waitFor();
    await heading(inside(tab), 'Signed in as Alice Adams');
    assert.ok((await tab.frames()).some((frame) => frame.url().startsWith(`${DEMO}/extension/callback`)));
  });
});

describe('an extension of a platform', () => {
  it('is installed, opened, framed, narrowed, and gone when it is removed', async (t) => {
    // Installed by somebody whose role there lets them, in words.
    const context = await person(t, browser);
    const tab = await context.newPage();
    await tab.goto(`${world.at}/account/extensions`);
    await signIn(tab, WANDA);
    await press(tab.getByRole('link', { name: /Install Board/ }));
    assert.match(await tab.locator('main').innerText(), /Why: to move a task/);
    await press(button(tab, 'Install'));
    assert.match(await tab.getByRole('status').innerText(), /It is installed/);
    world.installation = new URL(tab.url()).pathname.split('/').pop();

    // Opened in its own window, by its member.
    await press(button(tab, 'Open'));
    await heading(tab, 'Wanda West, by a key');
    assert.match(await tab.locator('#scope').innerText(), /tasks:write/);

    // In a frame of the platform's page, by a browser that is signed in nowhere.
    const visitor = await person(t, browser);
    const panel = await visitor.newPage();
    await panel.goto(world.around(`${world.board.url}/sign-in`));
    await heading(inside(panel), 'Wanda West, by the frame');
    await inside(panel).locator('#now', { hasText: 'tasks:write' }).waitFor();
    // That it is no ordinary cookie that did it: those are not kept there.
    const board = panel.frames().find((frame) => frame.url().startsWith(world.board.url));
    const plain = await board.evaluate(() => {
      document.cookie = 'plain=1; Path=/; SameSite=None; Secure';
      return document.cookie;
    });
    assert.equal(plain, '');
    const [cookie] = (await visitor.cookies(world.at)).filter(({ name }) => name.startsWith('f-panel-'));
    assert.equal(cookie?.sameSite, 'None');
    // Again, by its cookie alone.
    world.mute = true;
    await inside(panel).getByRole('link', { name: 'sign in here' }).click();
    await heading(inside(panel), 'Wanda West, by the frame');
    world.mute = false;

    // Her role is taken: what it may do is less, at once.
    await admin('PUT', `contexts/${world.context}/members/${WANDA.id}`, { roles: ['owner'] });
    await panel.reload();
    await heading(inside(panel), 'Wanda West, by the frame');
    await inside(panel).locator('#now', { hasText: 'tasks:read' }).waitFor();
    assert.doesNotMatch(await inside(panel).locator('#now').innerText(), /tasks:write/);
    assert.doesNotMatch(await inside(panel).locator('#scope').innerText(), /tasks:write/);

    // Removed, nothing of it works.
    await tab.goto(`${world.at}/account/installations/${world.installation}`);
    await press(tab.getByRole('link', { name: 'Remove' }));
    await press(button(tab, 'Remove'));
    await panel.reload();
    await heading(inside(panel), 'Sign in');
    await tab.goto(`${world.at}/account/extensions`);
    assert.equal(await tab.getByRole('button', { name: /^Open/ }).count(), 0);
  });

  it('is signed in to by a window of ours where the platform hands nothing in', async (t) => {
    const made = await admin('POST', 'installations', { extension: 'board', context: world.context });
    world.installation = made.id;
    world.mute = true;
    const context = await person(t, browser);
    const panel = await context.newPage();
    await panel.goto(world.around(`${world.board.url}/sign-in`));
    await heading(inside(panel), 'Sign in');
    const link = inside(panel).getByRole('link', { name: 'Open sign-in' });
    const [window] = await Promise.all([context.waitForEvent('page'), link.click()]);
    await signIn(window, WANDA);
    await heading(window, 'Go on in the other page');
    assert.match(await window.getByRole('status').innerText(), /You are signed in/);
    await window.close();
    // Signed in by now, the window is gone before anybody looks.
    await Promise.all([context.waitForEvent('page'), link.click()]);
    await heading(inside(panel), 'Wanda West, by the frame');
    world.mute = false;
  });

  it('takes a ticket from nobody who is not named', async (t) => {
    world.mute = true;
    const context = await person(t, browser);
    // A page of another site opens the platform's, and speaks to the frame in it.
    const stranger = await context.newPage();
    await stranger.goto(`${world.board.url}/open`);
    const [panel] = await Promise.all([
      context.waitForEvent('page'),
      stranger.evaluate((url) => void (globalThis.opened = window.open(url)), world.around(`${world.board.url}/sign-in`)),
    ]);
    await heading(inside(panel), 'Sign in');
    const { sign_in_ticket: ticket } = await admin('POST', `installations/${world.installation}/sign-in-ticket`, { user: WANDA.id });
    const hand = (ticket) => ({ type: 'doorward:sign-in-ticket', ticket });
    await stranger.evaluate((said) => globalThis.opened.frames[0].postMessage(said, '*'), hand(ticket));
    // Messages arrive in their order: once another of the stranger's was heard, the first was too.
    await panel.frames()[1].evaluate(() => void addEventListener('message', () => (document.title = 'heard')));
    await stranger.evaluate((said) => globalThis.opened.frames[0].postMessage(said, '*'), hand(ticket));
    await panel.frames()[1].waitForFunction(() => document.title === 'heard');
    await heading(inside(panel), 'Sign in');
    assert.equal((await context.cookies(world.at)).filter(({ name }) => name.startsWith('f-panel-')).length, 0);
    // The same by the page around it.
    await panel.evaluate((said) => window.frames[0].postMessage(said, '*'), hand(ticket));
    await heading(inside(panel), 'Wanda West, by the frame');
    world.mute = false;
  });
});
