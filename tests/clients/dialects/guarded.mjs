// An API that knows nothing of tokens, behind `doorward guard`: it says who it was told is there.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { freePort } from '../apache/apache.mjs';
import { Proxy } from '../guard/proxies.mjs';

/**
 * Starts both, for the tokens of one issuer.
 * @param {number} status what it answers those who get through
 */
export async function guarded({ api, issuer, status = 200 }) {
  const behind = createServer((asked, answer) => {
    answer.writeHead(status, { 'content-type': 'application/json', 'x-person': asked.headers['doorward-user'] });
    answer.end(status === 204 ? undefined : JSON.stringify({ path: asked.url, person: asked.headers['doorward-user'] }));
  });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const port = await freePort();
  const proxy = await Proxy.start('doorward guard', { port, issuer, api, upstream: behind.address().port });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await proxy.stop();
      behind.closeAllConnections();
      behind.close();
    },
  };
}
