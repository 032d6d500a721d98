"""mittwald-api-client: mittwald's client in Python, with another base URL and nothing else changed.

Some of its functions read a body of 204, where none can be (3.0.0). These requests are sent by its HTTP client instead.
"""

import base64
import datetime
import json
import pathlib
import string
import tempfile
import unittest
import uuid
from urllib.parse import parse_qs, urlencode, urlsplit

from mittwald_api_client import AuthenticatedClient, Client
from mittwald_api_client.api.marketplace import (
    contributor_rotate_secret_for_extension_instance,
    extension_authenticate_instance,
    extension_authenticate_with_session_token,
    extension_consent_to_extension_scopes,
    extension_create_extension_instance,
    extension_create_retrieval_key,
    extension_generate_extension_secret,
    extension_generate_session_token,
    extension_invalidate_extension_secret,
    extension_list_scopes,
)
from mittwald_api_client.api.user import (
    user_authenticate_with_access_token_retrieval_key,
    user_logout,
    user_oauth_retrieve_access_token,
    user_refresh_session,
)
from mittwald_api_client.models import (
    ContributorRotateSecretForExtensionInstanceBody,
    DeMittwaldV1MarketplaceContext,
    ExtensionAuthenticateInstanceBody,
    ExtensionAuthenticateWithSessionTokenBody,
    ExtensionConsentToExtensionScopesBody,
    ExtensionCreateExtensionInstanceBody,
    UserAuthenticateWithAccessTokenRetrievalKeyBody,
    UserOauthRetrieveAccessTokenBody,
    UserOauthRetrieveAccessTokenBodyGrantType,
    UserRefreshSessionBody,
)
from world import ISSUER, apply_text, browse, named

TENANT = named("mstudio")
AT = f"{ISSUER}/{TENANT}"
CALLBACK = "https://mstudio.example/cb"
PLATFORM, EXTENSION = named("secret-of-the-platform-that-is-long"), named("secret-of-the-extension-that-is-long")
THE_EXTENSION, PROJECT = uuid.UUID("d1a7f3c2-64b0-4e0e-9d55-0c2b7a4e8f10"), uuid.UUID("5b0c9e4a-2f6d-4c17-8a31-7de2f0b96c45")
NEEDED = ["openid", "offline_access", "tasks:read"]
# RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def basic(client, secret):
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def setUpModule():
    state = pathlib.Path(__file__).with_name("mstudio.yaml").read_text()
    secrets = {"platform_secret": PLATFORM, "extension_secret": EXTENSION}
    apply_text(string.Template(state).substitute(tenant=TENANT, at=AT, webhook_url="null", **secrets))


class Mittwald(unittest.TestCase):
    def nobody(self):
        return self.enterContext(Client(base_url=AT))

    def bearer(self, token, **header):
        """As `Authorization: Bearer`, unless another header is named."""
        return self.enterContext(AuthenticatedClient(base_url=AT, token=token, **header))

    def code(self):
        asked = {
            "response_type": "code",
            "client_id": "platform",
            "redirect_uri": CALLBACK,
            "scope": "openid offline_access admin:installations.write admin:extensions.write",
            "state": "s-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        with tempfile.TemporaryDirectory() as folder:
            person = ("--user", "wilma", "--password", "a quiet morning at sea")
            answer = browse(f"{AT}/v2/oauth2/authorize?{urlencode(asked)}", CALLBACK, *person, jar=f"{folder}/jar")
        return parse_qs(urlsplit(answer).query)["code"][0]

    def redeem(self, code, secret=PLATFORM, verifier=VERIFIER):
        grant_type = UserOauthRetrieveAccessTokenBodyGrantType.AUTHORIZATION_CODE
        body = UserOauthRetrieveAccessTokenBody(code=code, grant_type=grant_type, redirect_uri=CALLBACK, code_verifier=verifier)
        authorization = basic("platform", secret)
        return user_oauth_retrieve_access_token.sync_detailed(client=self.nobody(), body=body, authorization=authorization)

    def wilma(self):
        issued = self.redeem(self.code())
        self.assertEqual(issued.status_code, 200, issued.content)
        return self.bearer(issued.parsed.access_token)

    def installed(self, client):
        wanted = ExtensionCreateExtensionInstanceBody(NEEDED, DeMittwaldV1MarketplaceContext.PROJECT, PROJECT, THE_EXTENSION)
        made = extension_create_extension_instance.sync_detailed(client=client, body=wanted)
        self.assertEqual(made.status_code, 201, made.content)
        self.addCleanup(self.removed, client, made.parsed.id)
        return made.parsed.id

    def removed(self, client, instance):
        answer = client.get_httpx_client().delete(f"/v2/extension-instances/{instance}")
        self.assertEqual(answer.status_code, 204, answer.text)

    def in_future(self, date):
        self.assertGreater(date, datetime.datetime.now(datetime.timezone.utc))

    def test_a_code_for_tokens_by_form(self):
        code = self.code()
        issued = self.redeem(code).parsed
        self.assertEqual(issued.token_type.value, "bearer")
        self.assertTrue(issued.refresh_token)
        self.assertGreater(issued.expires_in, 0)
        again = self.redeem(code)
        self.assertEqual((again.status_code, again.parsed.error.value), (400, "invalid_grant"))

    def test_what_is_wrong_is_told(self):
        code = self.code()
        for wrong, error in [({"secret": EXTENSION}, "invalid_client"), ({"verifier": "x" * 43}, "invalid_grant")]:
            told = self.redeem(code, **wrong)
            self.assertEqual((told.status_code, told.parsed.error.value), (400, error))

    def test_a_retrieval_key_for_a_session_that_is_gone_on_with(self):
        client, nobody = self.wilma(), self.nobody()
        instance = self.installed(client)
        made = extension_create_retrieval_key.sync(instance, client=client)
        other = UserAuthenticateWithAccessTokenRetrievalKeyBody(made.access_token_retrieval_key, instance)
        told = user_authenticate_with_access_token_retrieval_key.sync_detailed(client=nobody, body=other)
        self.assertEqual((told.status_code, told.parsed.type_.value), (400, "ValidationError"))
        body = UserAuthenticateWithAccessTokenRetrievalKeyBody(made.access_token_retrieval_key, made.user_id)
        opened = user_authenticate_with_access_token_retrieval_key.sync_detailed(client=nobody, body=body)
        self.assertEqual(opened.status_code, 200, opened.content)
        self.in_future(opened.parsed.expires_at)
        again = user_authenticate_with_access_token_retrieval_key.sync_detailed(client=nobody, body=body)
        self.assertEqual((again.status_code, again.parsed.type_.value), (400, "ValidationError"))
        kept = UserRefreshSessionBody(refresh_token=opened.parsed.refresh_token)
        session = self.bearer(opened.parsed.token, prefix="", auth_header_name="x-access-token")
        refreshed = user_refresh_session.sync_detailed(client=session, body=kept)
        self.assertEqual(refreshed.status_code, 200, refreshed.content)
        self.assertNotEqual(refreshed.parsed.refresh_token, opened.parsed.refresh_token)
        self.in_future(refreshed.parsed.expires_at)

    def test_a_session_token_with_the_secret_of_the_extension(self):
        client, nobody = self.wilma(), self.nobody()
        made = extension_generate_session_token.sync_detailed(self.installed(client), uuid.uuid4(), client=client)
        self.assertEqual(made.status_code, 200, made.content)
        for secret, status in [(PLATFORM, 400), (EXTENSION, 201)]:
            body = ExtensionAuthenticateWithSessionTokenBody(made.parsed.session_token, extension_secret=secret)
            told = extension_authenticate_with_session_token.sync_detailed(client=nobody, body=body)
            self.assertEqual(told.status_code, status, told.content)
        self.in_future(told.parsed.expiry)

    def test_scopes_are_consented_to_with_a_token_and_with_no_other(self):
        client = self.wilma()
        instance, every = self.installed(client), ExtensionConsentToExtensionScopesBody([*NEEDED, "tasks:write"])
        for by, status in [(self.bearer(f"{client.token}x"), 401), (client, 204)]:
            told = extension_consent_to_extension_scopes.sync_detailed(instance, client=by, body=every)
            self.assertEqual(told.status_code, status, told.content)
        session = extension_generate_session_token.sync(instance, uuid.uuid4(), client=client).session_token
        claims = json.loads(base64.urlsafe_b64decode(session.split(".")[1] + "=="))
        self.assertEqual(set(claims["scopes"]), set(every.consented_scopes))

    def test_secrets_of_the_extension_and_of_an_instance(self):
        client, nobody = self.wilma(), self.nobody()
        made = extension_generate_extension_secret.sync("makers", THE_EXTENSION, client=client)
        self.assertTrue(made.secret)
        ended = [extension_invalidate_extension_secret.sync_detailed("makers", THE_EXTENSION, made.secret_id, client=client) for _ in range(2)]
        self.assertEqual([answer.status_code for answer in ended], [204, 404])
        instance = self.installed(client)
        rotation = ContributorRotateSecretForExtensionInstanceBody(allow_webhook_failure=True)
        told = contributor_rotate_secret_for_extension_instance.sync("makers", THE_EXTENSION, instance, client=client, body=rotation)
        self.assertTrue(told.webhook_result.failure, "nobody is told")
        for secret, status in [("x" + told.secret, 400), (told.secret, 201)]:
            body = ExtensionAuthenticateInstanceBody(extension_instance_secret=secret)
            issued = extension_authenticate_instance.sync_detailed(instance, client=nobody, body=body)
            self.assertEqual(issued.status_code, status, issued.content)
        self.in_future(issued.parsed.expiry)

    def test_scopes_and_logout(self):
        client = self.wilma()
        self.assertIn("tasks:write", [scope.name for scope in extension_list_scopes.sync(client=self.nobody())])
        self.assertEqual(user_logout.sync_detailed(client=client).status_code, 204)
        self.assertEqual(user_logout.sync_detailed(client=client).status_code, 401)


if __name__ == "__main__":
    unittest.main()
