"""Authlib signs in: discovery, code with PKCE, nonce and iss, ID token, userinfo, refresh, introspection, revocation."""

import os
import tempfile
import unittest
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet
from world import ISSUER, browse

DEMO = os.environ["DOORWARD_TEST_DEMO"]
CALLBACK = "http://localhost:9000/cb"
API = "https://api.demo.example"


def secret_of(client):
    return f"dev-secret-of-{client}-0123456789abcdefghijklmnopqrstuv"


class Authlib(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = OpenIDProviderMetadata(requests.get(get_well_known_url(ISSUER, external=True)).json())
        cls.keys = KeySet.import_key_set(requests.get(cls.server["jwks_uri"]).json())
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def client(self, name, **options):
        client = OAuth2Session(
            client_id=name,
            client_secret=secret_of(name),
            token_endpoint=self.server["token_endpoint"],
            code_challenge_method="S256",
            **options,
        )
        self.addCleanup(client.close)
        return client

    def browse(self, url, until, *person):
        """Where the scripted browser is sent, with the cookies of this class's person."""
        return browse(url, until, *person, jar=f"{self.folder.name}/jar")

    def sign_in(self, scope="openid profile email offline_access"):
        client = self.client("demo-web", redirect_uri=CALLBACK, scope=scope)
        verifier, nonce = generate_token(48), generate_token(20)
        url, state = client.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
        )
        answer = self.browse(url, CALLBACK, "--user", "alice", "--password", "doorward-dev")
        self.assertEqual(dict(parse_qsl(urlsplit(answer).query))["iss"], ISSUER)
        client.fetch_token(authorization_response=answer, state=state, code_verifier=verifier)
        return client, nonce

    def validated(self, token, nonce):
        """The claims of an ID token, checked as Authlib checks them."""
        decoded = jwt.decode(token["id_token"], self.keys, algorithms=["RS256"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": "demo-web"}},
            {"nonce": nonce, "client_id": "demo-web", "access_token": token["access_token"]},
        )
        claims.validate()
        return claims

    def test_discovery_document_is_valid(self):
        self.server.validate()
        self.assertEqual(self.server["issuer"], ISSUER)

    def test_signs_in_and_reads_userinfo(self):
        client, nonce = self.sign_in()
        claims = self.validated(client.token, nonce)
        answer = client.get(self.server["userinfo_endpoint"])
        answer.raise_for_status()
        person = answer.json()
        self.assertEqual(person["sub"], claims["sub"])
        self.assertEqual(person["email"], "alice@example.com")

    def test_refresh_rotates(self):
        client, _ = self.sign_in()
        before = dict(client.token)
        client.refresh_token(self.server["token_endpoint"])
        self.assertNotEqual(client.token["access_token"], before["access_token"])
        self.assertNotEqual(client.token["refresh_token"], before["refresh_token"])
        client.get(self.server["userinfo_endpoint"]).raise_for_status()

    def test_revocation_ends_the_grant(self):
        client, _ = self.sign_in()
        token = client.token["refresh_token"]
        client.revoke_token(self.server["revocation_endpoint"], token, "refresh_token").raise_for_status()
        with self.assertRaises(OAuthError) as refused:
            client.refresh_token(self.server["token_endpoint"], token)
        self.assertEqual(refused.exception.error, "invalid_grant")

    def test_machine_and_introspection(self):
        machine = self.client("demo-machine", scope="orders:read")
        token = machine.fetch_token(grant_type="client_credentials")
        api = self.client("demo-api")
        told = api.introspect_token(self.server["introspection_endpoint"], token["access_token"]).json()
        self.assertTrue(told["active"])
        self.assertEqual(told["client_id"], "demo-machine")
        machine.revoke_token(self.server["revocation_endpoint"], token["access_token"]).raise_for_status()
        told = api.introspect_token(self.server["introspection_endpoint"], token["access_token"]).json()
        self.assertEqual(told, {"active": False})

    def test_sign_out_returns_to_the_application(self):
        client, _ = self.sign_in()
        parameters = {
            "id_token_hint": client.token["id_token"],
            "post_logout_redirect_uri": f"{DEMO}/",
            "state": "bye",
        }
        url = f"{self.server['end_session_endpoint']}?{urlencode(parameters)}"
        self.assertEqual(self.browse(url, f"{DEMO}/"), f"{DEMO}/?state=bye")


if __name__ == "__main__":
    unittest.main(verbosity=2)
