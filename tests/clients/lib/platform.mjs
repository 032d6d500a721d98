// A platform whose people sign in elsewhere, and an extension that it shows in a frame: each on a site of its own.
//
// The platform's page and its backend are at 127.0.0.1, the extension at localhost: other sites to a browser. Both are plain Node, and use what
// the manual says: the admin API, host.js, the token endpoint.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { ISSUER, random } from './world.mjs';
import { apply } from './commands.mjs';

const AT = `${ISSUER}/t/panel`;
const PANEL = { id: 'panel', secret: `secret-of-the-panel-${random()}` };
const BOARD = { id: 'board', secret: `secret-of-the-board-${random()}` };
/** Who works in the project. */
export const WANDA = { username: 'wanda', password: 'a quiet morning at sea', id: 'usr_wanda-000001' };
const RIGHTS = ['clients', 'contexts', 'installations', 'roles', 'users'].map((area) => `admin:${area}.read admin:${area}.write`).join(' ');
const CONTEXT = 'project/p-123';

const basic = ({ id, secret }) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function token(client, parameters) {
  const answer = await fetch(`${AT}/token`, {
    method: 'POST',
    headers: { authorization: basic(client) },
    body: new URLSearchParams(parameters),
  });
  return answer.json();
}

/** Asks the admin API as the platform's backend does. */
export async function admin(method, path, body) {
  const { access_token } = await token(PANEL, { grant_type: 'client_credentials', resource: 'urn:doorward:admin', scope: RIGHTS });
  const answer = await fetch(`${AT}/admin/v1/tenants/panel/${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Serves pages: a map from path to what is answered to a query and a form. */
async function serve(host, pages) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://here');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const page = pages[url.pathname];
    const made = page ? await page(url.searchParams, form).catch((error) => ({ status: 500, text: `${error}` })) : { status: 404, text: '' };
    const { status = 200, text, location } = made;
    response.writeHead(location ? 303 : status, {
      'content-type': text?.startsWith('{') ? 'application/json' : 'text/html; charset=utf-8',
      ...(location ? { location } : {}),
    });
    response.end(text);
  });
  server.listen(0, host === 'localhost' ? '127.0.0.1' : host);
  await once(server, 'listening');
  return { server, url: `http://${host}:${server.address().port}` };
}

const page = (title, body) => ({ text: `<!doctype html><html lang="en"><title>${title}</title><body>${body}</body></html>` });

/** Starts both, and makes the tenant in which they are known. What is returned is closed with `close`. */
export async function start() {
  const world = { host: undefined, board: undefined, installation: undefined };
  const shown = async (tokens, how) => {
    if (!tokens.access_token) return page('Refused', `<h1>refused: ${tokens.error}</h1>`);
    const found = await fetch(`${AT}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const { name } = await found.json();
    return page(
      'Board',
      `<h1>${name}, ${how}</h1><p id="scope">${tokens.scope}</p><p id="now"></p>
      <a href="/sign-in">sign in here</a>
      <script>
        addEventListener("message", async ({ origin, data }) => {
          if (origin !== "${world.host.url}" || data.type !== "doorward:session-token") return;
          const made = await fetch("/act", { method: "POST", body: new URLSearchParams({ token: data.session_token }) });
          document.getElementById("now").textContent = JSON.stringify(await made.json());
        });
        const ask = () => parent.postMessage({ type: "doorward:session-token-wanted" }, "${world.host.url}");
        if (parent !== window) ask();
      </script>`,
    );
  };
  world.board = await serve('localhost', {
    '/open': async (query) =>
      shown(
        await token(BOARD, {
          grant_type: 'urn:doorward:grant:retrieval-key',
          retrieval_key: query.get('key'),
          user_id: query.get('user'),
        }),
        'by a key',
      ),
    '/sign-in': async () => ({ location: `${AT}/extensions/board/authorize?state=${random()}` }),
    '/callback': async (query) =>
      shown(
        await token(BOARD, {
          grant_type: 'authorization_code',
          code: query.get('code') ?? '',
          redirect_uri: `${world.board.url}/callback`,
        }),
        'by the frame',
      ),
    '/act': async (_, form) => {
      const made = await token(BOARD, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: form.get('token'),
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      });
      return { text: JSON.stringify({ scope: made.scope, error: made.error }) };
    },
  });
  const handed = (route) => async () => {
    if (world.mute) throw new Error('the backend hands nothing out');
    return { text: JSON.stringify(await admin('POST', `installations/${world.installation}/${route}`, { user: WANDA.id })) };
  };
  world.host = await serve('127.0.0.1', {
    '/': async (query) =>
      page(
        'Panel',
        `<h1>Panel</h1><iframe width="1000" height="500" src="${query.get('src')}"></iframe>
        <script type="module">
          import { host } from "${AT}/assets/host.js";
          const ask = async (path) => {
            const answer = await fetch(path, { method: "POST" });
            return answer.ok ? answer.json() : undefined;
          };
          host(document.querySelector("iframe"), {
            issuer: "${AT}",
            extension: "${world.board.url}",
            signInTicket: () => ask("/ticket"),
            sessionToken: () => ask("/session-token"),
          });
        </script>`,
      ),
    '/ticket': handed('sign-in-ticket'),
    '/session-token': handed('session-token'),
  });
  await apply({
    id: 'panel',
    name: 'Panel',
    settings: { second_factor: 'optional' },
    issuers: [{ id: 'panel', url: AT }],
    apis: [
      {
        id: 'https://tasks.example',
        name: 'Tasks',
        scopes: [{ name: 'tasks:read', description: 'See tasks' }, { name: 'tasks:write', description: 'Change tasks', permission: 'tasks:write' }],
      },
    ],
    roles: [
      { id: 'clerk', name: 'Clerk', permissions: ['tasks:write'] },
      { id: 'owner', name: 'Owner', permissions: ['admin:installations.read', 'admin:installations.write', 'admin:contexts.read'] },
    ],
    contexts: [{ id: CONTEXT, name: 'Webshop' }],
    users: [{ user_name: WANDA.username, id: WANDA.id, password: WANDA.password, profile: { name: 'Wanda West' } }],
    memberships: [{ user: WANDA.username, context: CONTEXT, roles: ['clerk', 'owner'] }],
    clients: [
      {
        id: PANEL.id,
        grant_types: ['client_credentials'],
        scopes: RIGHTS,
        apis: ['urn:doorward:admin'],
        secrets: [{ value: PANEL.secret }],
      },
      {
        id: BOARD.id,
        grant_types: [
          'authorization_code',
          'client_credentials',
          'refresh_token',
          'urn:doorward:grant:retrieval-key',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
        redirect_uris: [`${world.board.url}/callback`],
        scopes: 'openid profile tasks:read tasks:write',
        apis: ['https://tasks.example'],
        secrets: [{ value: BOARD.secret }],
      },
    ],
    extensions: [
      {
        id: 'board',
        state: 'published',
        manifest: {
          name: 'Board',
          summary: 'Shows tasks.',
          scopes: [
            { name: 'openid', reason: 'to know who looks at it' },
            { name: 'profile', reason: 'to greet people by name' },
            { name: 'tasks:read', reason: 'a board is made of tasks' },
            { name: 'tasks:write', reason: 'to move a task', optional: true },
          ],
          callback_url: `${world.board.url}/callback`,
          launch_url: `${world.board.url}/open?user=:userId&key=:accessTokenRetrievalKey`,
          frame_origins: [world.host.url],
        },
      },
    ],
  });
  /** The address of the platform's page that shows this one in a frame. */
  world.around = (address) => `${world.host.url}/?src=${encodeURIComponent(address)}`;
  world.at = AT;
  world.context = CONTEXT;
  world.close = () => [world.host, world.board].forEach(({ server }) => server.close());
  return world;
}
