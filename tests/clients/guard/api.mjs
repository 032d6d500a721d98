// An API that knows nothing of tokens, and what the tests in front of it share.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const DATA = process.env.DOORWARD_TEST_DATA;
export const DOORWARD = process.env.DOORWARD_TEST_BINARY ?? fileURLToPath(new URL('../../../target/debug/doorward', import.meta.url));

/** What a tenant shall have besides. */
export function apply(tenant) {
  const input = JSON.stringify({ tenants: [tenant] });
  execFileSync(DOORWARD, ['apply', '-f', '-', '--data', DATA], { input, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The API: says what it was asked, how long the body was, and echoes what is sent on an upgraded connection. */
export async function api() {
  const server = createServer(async (asked, answer) => {
    let bytes = 0;
    for await (const chunk of asked) bytes += chunk.length;
    if (asked.url === '/orders/never') return;
    server.asked += 1;
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, bytes }));
  });
  server.asked = 0;
  server.on('upgrade', (asked, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${asked.headers.upgrade}\r\n\r\n`);
    socket.write(`hello ${asked.headers['doorward-client']}\n`);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A request as it is written here: no path is tidied. */
export async function ask(port, path, { method = 'GET', headers = {}, body } = {}) {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  const text = Buffer.concat(await answer.toArray()).toString();
  return { status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) };
}
