"""requests-oauthlib at an issuer of Smartenit's contract, over https: its four grants, and the refresh that names no client."""

import tempfile
import unittest

import requests
from oauthlib.oauth2 import (
    BackendApplicationClient,
    InvalidClientError,
    InvalidGrantError,
    LegacyApplicationClient,
    MismatchingStateError,
    MobileApplicationClient,
    UnauthorizedClientError,
    WebApplicationClient,
)
from requests_oauthlib import OAuth2Session
from world import ISSUER, apply, browse, named

TENANT = named("smartenit")
AT = f"{ISSUER}/{TENANT}"
TOKEN, DIALOG, ME = f"{AT}/v2/oauth2/token", f"{AT}/v2/oauth2/dialog", f"{AT}/v2/users/me"
CALLBACK = "https://dashboard.example/cb"
DASHBOARD, PLAIN, FIRST = named("dashboard"), named("plain"), named("first")
SECRET = named("secret-of-the-dashboard-that-is-long")
SAM = {"username": "sam", "password": "a quiet morning at sea"}
IN_THE_BODY = {"include_client_id": True, "client_secret": SECRET}


def application(name, grant_types, *, scopes="openid profile", **more):
    return {
        "id": name,
        "issuers": [TENANT],
        "auth_method": "client_secret_post",
        "redirect_uris": [CALLBACK],
        "grant_types": grant_types,
        "scopes": scopes,
        "default_scopes": "openid profile",
        "require_pkce": False,
        "secrets": [{"value": SECRET}],
        **more,
    }


def setUpModule():
    every = ["authorization_code", "client_credentials", "implicit", "password", "refresh_token"]
    as_theirs = {"refresh_policy": "reuse", "legacy": ["refresh_without_client"], "lifetimes": {"access_token_s": 900}}
    errands = {
        "scopes": "openid profile admin:users.create",
        "apis": ["urn:doorward:admin"],
        "also_auth_methods": ["client_token"],
    }
    apply(
        {
            "id": TENANT,
            "settings": {"second_factor": "optional"},
            "issuers": [{"id": TENANT, "url": AT, "dialect": "smartenit"}],
            "contexts": [{"id": "account/a-1", "name": "Home"}],
            "users": [{"user_name": SAM["username"], "password": SAM["password"], "profile": {"name": "Sam South"}}],
            "memberships": [{"user": SAM["username"], "context": "account/a-1"}],
            "clients": [
                application(DASHBOARD, every, **as_theirs),
                application(PLAIN, ["authorization_code", "refresh_token"]),
                application(FIRST, ["client_credentials", "password"], **errands),
            ],
        }
    )


class Smartenit(unittest.TestCase):
    def session(self, client):
        session = OAuth2Session(client=client, redirect_uri=CALLBACK)
        self.addCleanup(session.close)
        return session

    def dialog(self, session):
        """Where Sam's browser comes back to."""
        url, _ = session.authorization_url(DIALOG)
        with tempfile.TemporaryDirectory() as folder:
            person = ("--user", SAM["username"], "--password", SAM["password"])
            return browse(url, CALLBACK, *person, jar=f"{folder}/jar")

    def by_password(self):
        session = self.session(LegacyApplicationClient(DASHBOARD))
        session.fetch_token(TOKEN, **SAM, **IN_THE_BODY)
        return session

    def person(self, session):
        answer = session.get(ME)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()["data"]

    def refused(self, answer, status, code):
        self.assertEqual((answer.status_code, answer.json()["error"]["errors"][0]["code"]), (status, code))

    def test_a_code_from_the_dialog(self):
        session = self.session(WebApplicationClient(DASHBOARD))
        answer = self.dialog(session)
        token = session.fetch_token(TOKEN, authorization_response=answer, **IN_THE_BODY)
        self.assertEqual(token["expires_in"], 900)
        self.assertEqual(self.person(session)["username"], "sam")
        with self.assertRaises(InvalidGrantError):
            session.fetch_token(TOKEN, authorization_response=answer, **IN_THE_BODY)

    def test_a_code_with_another_secret_or_another_state(self):
        session = self.session(WebApplicationClient(DASHBOARD))
        answer = self.dialog(session)
        with self.assertRaises(InvalidClientError):
            session.fetch_token(TOKEN, authorization_response=answer, include_client_id=True, client_secret="wrong")
        session.new_state()
        with self.assertRaises(MismatchingStateError):
            session.fetch_token(TOKEN, authorization_response=answer, **IN_THE_BODY)

    def test_a_token_from_the_fragment(self):
        session = self.session(MobileApplicationClient(DASHBOARD))
        token = session.token_from_fragment(self.dialog(session))
        self.assertEqual(token["expires_in"], 900)
        self.assertNotIn("refresh_token", token)
        self.assertEqual(self.person(session)["profile"]["name"], "Sam South")

    def test_no_fragment_for_who_is_not_registered_for_it(self):
        session = self.session(MobileApplicationClient(PLAIN))
        with self.assertRaises(UnauthorizedClientError):
            session.token_from_fragment(self.dialog(session))

    def test_a_password_with_the_person_beside_the_tokens(self):
        session = self.by_password()
        data = session.token["data"]
        self.assertEqual(data["user"], self.person(session))
        self.assertEqual(data["account"], {"_id": "account/a-1", "name": "Home"})

    def test_the_same_by_json(self):
        # As their SDK sends it; the library has a hook for providers that are so.
        session = self.session(LegacyApplicationClient(DASHBOARD))
        session.register_compliance_hook(
            "access_token_request",
            lambda url, headers, sent: (url, {**headers, "Content-Type": "application/json"}, {"json": sent["data"]}),
        )
        session.fetch_token(TOKEN, **SAM, **IN_THE_BODY)
        self.assertEqual(session.token["data"]["user"], self.person(session))
        with self.assertRaises(InvalidGrantError):
            session.fetch_token(TOKEN, username="sam", password="wrong", **IN_THE_BODY)

    def test_a_wrong_password_and_a_wrong_secret(self):
        session = self.session(LegacyApplicationClient(DASHBOARD))
        with self.assertRaises(InvalidGrantError):
            session.fetch_token(TOKEN, username="sam", password="wrong", **IN_THE_BODY)
        with self.assertRaises(InvalidClientError):
            session.fetch_token(TOKEN, **SAM, include_client_id=True, client_secret="wrong")
        with self.assertRaises(UnauthorizedClientError):
            self.session(LegacyApplicationClient(PLAIN)).fetch_token(TOKEN, **SAM, **IN_THE_BODY)

    def test_the_application_for_itself_reads_nobody(self):
        session = self.session(BackendApplicationClient(DASHBOARD))
        token = session.fetch_token(TOKEN, **IN_THE_BODY)
        self.assertNotIn("refresh_token", token)
        self.refused(session.get(ME), 403, 403)
        with self.assertRaises(InvalidClientError):
            session.fetch_token(TOKEN, include_client_id=True, client_secret="wrong")

    def test_the_application_comes_first_makes_a_person_and_brings_their_password(self):
        own = self.session(BackendApplicationClient(FIRST, scope="admin:users.create"))
        own.fetch_token(TOKEN, **IN_THE_BODY)
        new = {"username": named("new").replace("-", ""), "password": SAM["password"]}
        made = own.post(f"{AT}/v2/users", json=new)
        self.assertEqual((made.status_code, made.json()["data"]["username"]), (201, new["username"]), made.text)
        self.assertEqual(own.post(f"{AT}/v2/users", json=new).status_code, 409)
        theirs = self.session(LegacyApplicationClient(FIRST))

        def bring(token):
            shown = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {token}"}
            theirs.fetch_token(TOKEN, **new, headers=shown, auth=lambda request: request)

        with self.assertRaises(InvalidClientError):
            bring(f"{own.token['access_token'][:-4]}AAAA")
        bring(own.token["access_token"])
        self.assertEqual(self.person(theirs)["username"], new["username"])
        self.assertEqual(theirs.post(f"{AT}/v2/users", json={**new, "username": "other"}).status_code, 403)

    def test_a_refresh_names_no_client_and_the_same_token_works_again(self):
        session = self.by_password()
        kept, seen = session.token["refresh_token"], {session.token["access_token"]}
        for _ in range(3):
            old = {"Authorization": f"Bearer {session.token['access_token']}"}
            session.refresh_token(TOKEN, refresh_token=kept, headers=old)
            self.assertEqual(self.person(session)["username"], "sam")
            seen.add(session.token["access_token"])
        self.assertEqual(len(seen), 4)

    def test_a_refresh_that_names_no_client_is_for_who_is_marked_so(self):
        session = self.session(WebApplicationClient(PLAIN))
        session.fetch_token(TOKEN, authorization_response=self.dialog(session), **IN_THE_BODY)
        kept = session.token["refresh_token"]
        with self.assertRaises(InvalidClientError):
            session.refresh_token(TOKEN, refresh_token=kept)
        session.refresh_token(TOKEN, refresh_token=kept, client_id=PLAIN, client_secret=SECRET)
        self.assertEqual(self.person(session)["username"], "sam")

    def test_a_token_that_is_none_is_told_in_their_envelope(self):
        session = self.by_password()
        self.refused(requests.get(ME, headers={"Authorization": f"Bearer {session.token['access_token'][:-4]}AAAA"}), 401, 114)
        self.refused(requests.get(ME, headers={"Authorization": f"Bearer {session.token['refresh_token']}"}), 401, 114)


if __name__ == "__main__":
    unittest.main()
