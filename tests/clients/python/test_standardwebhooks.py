"""standardwebhooks: an extension hears of its installation, and verifies by the secret that it shares with the server."""

import http.server
import secrets
import threading
import unittest

import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from world import ISSUER, apply, named

EXTENSION = named("told")
SECRET = f"secret-of-an-extension-{secrets.token_hex(32)}"


class Hooks(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class StandardWebhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = http.server.HTTPServer(("127.0.0.1", 0), Hooks)
        cls.addClassCleanup(server.server_close)
        server.heard = []
        server.timeout = 30
        url = f"http://127.0.0.1:{server.server_port}/hooks"
        client = {"id": EXTENSION, "grant_types": ["client_credentials"], "secrets": [{"value": SECRET}]}
        extension = {"id": EXTENSION, "manifest": {"name": "Told", "webhook_url": url}}
        apply({"id": "demo", "clients": [client], "extensions": [extension]})
        made = requests.post(f"{ISSUER}/extensions/{EXTENSION}/webhook-secrets", auth=(EXTENSION, SECRET))
        made.raise_for_status()
        cls.webhook = Webhook(made.json()["secret"])
        listening = threading.Thread(target=server.handle_request)
        listening.start()
        apply({"id": "demo", "installations": [{"extension": EXTENSION, "context": "tenant/demo"}]})
        listening.join()
        cls.headers, cls.body = server.heard[0]

    def test_what_is_told_verifies(self):
        told = self.webhook.verify(self.body, self.headers)
        self.assertEqual((told["kind"], told["extension"]), ("Added", EXTENSION))
        self.assertTrue(told["secret"].startswith("dwx_"))

    def test_what_was_changed_does_not(self):
        with self.assertRaises(WebhookVerificationError):
            self.webhook.verify(self.body.replace(b'"number":1', b'"number":2'), self.headers)
        with self.assertRaises(WebhookVerificationError):
            self.webhook.verify(self.body, {**self.headers, "webhook-id": "msg_other"})


if __name__ == "__main__":
    unittest.main()
