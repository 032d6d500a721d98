"""Runs every shell snippet of a Markdown page, in order, in one folder, against the server of tests/tools/with-doorward.

A snippet is a fenced block marked `sh`. In it http://localhost:8080 and http://localhost:8081 are the running server and its
demo application, doorward-data/dev its data folder; `cargo run --release --` is the built binary, and the commands that start
or fetch the server itself are taken as done. A block marked `text`, `json` or `http` shows what the reader sees: its lines may
hold `…` for what differs each time, and are looked for, in order, in what the snippet before it printed. Other blocks are only
shown."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
STARTS = re.compile(r"^(git clone .*|cd doorward|cargo run --release -- dev\b[^|;&]*|\./check.*)$", re.MULTILINE)


def main(page, binary):
    failed = ran = 0
    printed = ""
    with tempfile.TemporaryDirectory() as folder:
        for language, text in BLOCK.findall(pathlib.Path(page).read_text(encoding="utf-8")):
            if language in ("sh", "bash", "console"):
                status, printed = run(text, binary, folder)
                ran += 1
                if status != 0:
                    failed += 1
                    print(f"{page}: this snippet ended with {status}:\n{text}\n{printed}")
            elif language in ("text", "json", "http"):
                if missing := first_missing(text, printed):
                    failed += 1
                    print(f"{page}: not in what the snippet printed: {missing}\n{printed}")
    print(f"{page}: {ran} snippets ran, {failed} failed")
    return 1 if failed or not ran else 0


def run(text, binary, folder):
    script = STARTS.sub("true", text).replace("cargo run --release --", binary)
    script = script.replace("http://localhost:8080", os.environ["DOORWARD_TEST_ISSUER"])
    script = script.replace("http://localhost:8081", os.environ["DOORWARD_TEST_DEMO"])
    script = script.replace("doorward-data/dev", os.environ["DOORWARD_TEST_DATA"])
    script = script.replace("doorward-data/dev", os.environ["DOORWARD_TEST_DATA"])
    # The variables that one snippet sets are there in the next, as in the reader's shell.
    state = f"{folder}/.variables"
    whole = f"[ ! -f {state} ] || . {state}\nset -euo pipefail\n{script}\nset +u\ndeclare -p | grep -E '^declare -(x|-) [a-z]' > {state} || true\n"
    result = subprocess.run(["bash", "-c", whole], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return result.returncode, result.stdout + result.stderr


def first_missing(expected, printed):
    """The first line that was not printed after the ones before it."""
    at = 0
    for line in filter(None, map(str.strip, expected.splitlines())):
        pattern = ".*?".join(re.escape(part.strip()) for part in line.split("…"))
        found = re.compile(pattern).search(printed, at)
        if not found:
            return line
        at = found.end()
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
