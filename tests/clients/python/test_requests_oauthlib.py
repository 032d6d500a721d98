"""requests-oauthlib over https: code with PKCE, userinfo, refresh by hand and by itself, revocation, a machine."""

import os
import tempfile
import time
import unittest
from urllib.parse import parse_qsl, urlsplit

import requests
from oauthlib.oauth2 import (
    AccessDeniedError,
    BackendApplicationClient,
    InvalidClientError,
    InvalidGrantError,
    MismatchingStateError,
)
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session
from world import ISSUER, browse

# The seed registers it; the scripted browser stops in front of it.
CALLBACK = f"{os.environ['DOORWARD_TEST_DEMO']}/callback"
ALICE = ("--user", "alice", "--password", "doorward-dev")


def credentials_of(client):
    return HTTPBasicAuth(client, f"dev-secret-of-{client}-0123456789abcdefghijklmnopqrstuv")


class WebApplication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def browse(self, url, *more):
        return browse(url, CALLBACK, *ALICE, *more, jar=f"{self.folder.name}/jar")

    def session(self, **options):
        scope = ["openid", "profile", "email", "offline_access"]
        session = OAuth2Session("demo-web", redirect_uri=CALLBACK, scope=scope, pkce="S256", **options)
        self.addCleanup(session.close)
        return session

    def answer(self, session, *more):
        url, _ = session.authorization_url(self.server["authorization_endpoint"], prompt="consent")
        return self.browse(url, *more)

    def sign_in(self, **options):
        session = self.session(**options)
        answer = self.answer(session)
        self.assertEqual(dict(parse_qsl(urlsplit(answer).query))["iss"], ISSUER)
        session.fetch_token(
            self.server["token_endpoint"], authorization_response=answer, auth=credentials_of("demo-web")
        )
        return session

    def person(self, session):
        answer = session.get(self.server["userinfo_endpoint"])
        answer.raise_for_status()
        return answer.json()

    def test_signs_in_and_reads_userinfo(self):
        session = self.sign_in()
        self.assertTrue(session.authorized)
        self.assertEqual(set(session.token["scope"]), {"openid", "profile", "email", "offline_access"})
        self.assertEqual(self.person(session)["email"], "alice@example.com")

    def test_a_code_of_another_verifier_gives_nothing(self):
        session = self.session()
        answer = self.answer(session)
        # What the authorization request said stays as it was; the exchange names another verifier.
        session._code_verifier = session._client.create_code_verifier(43)
        with self.assertRaises(InvalidGrantError):
            session.fetch_token(
                self.server["token_endpoint"], authorization_response=answer, auth=credentials_of("demo-web")
            )

    def test_an_answer_with_another_state_is_not_taken(self):
        session = self.session()
        answer = self.answer(session)
        session.new_state()
        with self.assertRaises(MismatchingStateError):
            session.fetch_token(
                self.server["token_endpoint"], authorization_response=answer, auth=credentials_of("demo-web")
            )

    def test_is_told_that_alice_said_no(self):
        session = self.session()
        answer = self.answer(session, "--deny")
        with self.assertRaises(AccessDeniedError):
            session.fetch_token(
                self.server["token_endpoint"], authorization_response=answer, auth=credentials_of("demo-web")
            )

    def test_a_refresh_rotates(self):
        session = self.sign_in()
        before = dict(session.token)
        session.refresh_token(self.server["token_endpoint"], auth=credentials_of("demo-web"))
        self.assertNotEqual(session.token["access_token"], before["access_token"])
        self.assertNotEqual(session.token["refresh_token"], before["refresh_token"])
        self.assertEqual(self.person(session)["name"], "Alice Adams")

    def test_refreshes_by_itself_when_its_token_has_expired(self):
        kept = []
        session = self.sign_in(auto_refresh_url=self.server["token_endpoint"], token_updater=kept.append)
        old = session.token["access_token"]
        # As the application would find it in its database an hour later.
        session.token = {**session.token, "expires_in": -1, "expires_at": time.time() - 1}
        credentials = credentials_of("demo-web")
        answer = session.get(
            self.server["userinfo_endpoint"], client_id=credentials.username, client_secret=credentials.password
        )
        answer.raise_for_status()
        self.assertEqual(answer.json()["name"], "Alice Adams")
        self.assertEqual(len(kept), 1)
        self.assertNotEqual(kept[0]["access_token"], old)

    def test_revocation_ends_the_grant(self):
        session = self.sign_in()
        token = session.token["refresh_token"]
        url, headers, body = session._client.prepare_token_revocation_request(
            self.server["revocation_endpoint"], token, token_type_hint="refresh_token"
        )
        answer = requests.post(url, data=body, headers=headers, auth=credentials_of("demo-web"))
        self.assertEqual(answer.status_code, 200)
        with self.assertRaises(InvalidGrantError):
            session.refresh_token(self.server["token_endpoint"], auth=credentials_of("demo-web"))
        self.assertEqual(session.get(self.server["userinfo_endpoint"]).status_code, 401)


class Machine(unittest.TestCase):
    def session(self):
        session = OAuth2Session(client=BackendApplicationClient("demo-machine", scope=["orders:read"]))
        self.addCleanup(session.close)
        return session

    def test_gets_a_token_for_itself(self):
        token = self.session().fetch_token(f"{ISSUER}/token", auth=credentials_of("demo-machine"))
        self.assertEqual(token["token_type"], "Bearer")
        self.assertNotIn("refresh_token", token)

    def test_is_refused_with_a_wrong_secret(self):
        with self.assertRaises(InvalidClientError):
            self.session().fetch_token(f"{ISSUER}/token", auth=HTTPBasicAuth("demo-machine", "wrong"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
