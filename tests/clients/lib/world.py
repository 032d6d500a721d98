"""The server under test, as the clients in Python see it: its commands, and a browser without JavaScript."""

import json
import os
import pathlib
import secrets
import subprocess

LIB = pathlib.Path(__file__).parent
BINARY = os.environ.get("DOORWARD_TEST_BINARY", LIB.parent.parent.parent / "target" / "debug" / "doorward")
ISSUER = os.environ["DOORWARD_TEST_ISSUER"]


def named(prefix):
    """A name that nothing else has."""
    return f"{prefix}-{secrets.token_hex(8)}"


def apply(tenant):
    """Applies what is given of a tenant: what is not named stays."""
    apply_text(json.dumps({"tenants": [tenant]}))


def apply_text(text):
    """The same, of a state file."""
    command = [BINARY, "apply", "-f", "-", "--data", os.environ["DOORWARD_TEST_DATA"]]
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def browse(url, until, *person, jar):
    """Where the browser is sent, with the cookies of that file: the first address that begins with `until`."""
    command = ["node", LIB / "browse.mjs", "--jar", jar, "--until", until, *person, url]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
