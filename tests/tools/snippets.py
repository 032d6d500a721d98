"""Runs or reads every snippet of the manual, against the server of tests/tools/with-doorward.

    snippets.py BINARY PAGE...
    snippets.py --wrong BINARY PAGE    each <!-- wrong: WORDS --> of the page is a fault that must be found, and there is no other

Each page has a folder of its own, in which its blocks are taken in order; pages share the server. What a fence says decides:

    sh              is run. In it `doorward` is the built binary; the server, its demo application, an application of the reader's
                    on port 3000, and doorward-data/dev are those of the test. Variables in lower case go on to the next block.
    sh not-run      is parsed by the shell, and each `doorward` command in it by the binary
    text json http  after a block that ran: what it prints. Lines may hold `…` for what differs, and are looked for in order
    json yaml toml  otherwise: is parsed. A state file goes through `doorward apply --dry-run`, settings through `doorward config`
    js python html  is parsed
    rust            is compiled by `cargo test`: a crate has the page among its documentation, which is all that is looked for here
    diagram         is only shown

A file's name after the language (```js server.mjs) saves the block under it for the commands that follow; a comment
<!-- run … --> is run like a block and not shown: what the reader does in a browser. Anything else is an error, and so is a block that
is indented instead of fenced."""

import concurrent.futures
import html.parser
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib

TOOLS = pathlib.Path(__file__).parent
CLIENTS = TOOLS.parent / "clients"
BLOCK = re.compile(r"^(?P<fence>```+)(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=fence)[ ]*$|^<!-- run\n(?P<hidden>.*?)^-->$", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"\n[ ]*\n((?: {4}|\t)\S[^\n]*)")
# What starts or fetches what the test has already.
DONE = re.compile(r"^(git clone .*|cd doorward|(cargo run --release -- dev|doorward dev)\b[^|;&]*|npm install .*|pip install .*|cargo build .*|\./check.*)$", re.MULTILINE)
PRINTED = ("text", "json", "http")
SHOWN = ("diagram",)


def main(binary, pages):
    started = time.monotonic()
    ports = free_ports(len(pages))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        checked = [pool.submit(Page(page, os.path.abspath(binary), port).check) for page, port in zip(pages, ports)]
        results = [each.result() for each in checked]
    count = failed = 0
    for page, done, problems, seconds in results:
        count += done
        failed += len(problems)
        print(f"{page}: {done} snippets, {len(problems)} failed, {seconds:.1f} s")
        print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(results)} pages, {count} snippets, {failed} failed, in {time.monotonic() - started:.1f} s")
    return 1 if failed or not count else 0


def prove(binary, page):
    """That this program finds what is wrong: a check that never fails checks nothing."""
    checked = Page(page, os.path.abspath(binary), *free_ports(1))
    _, _, problems, _ = checked.check()
    wrong = re.findall(r"<!-- wrong: (.*?) -->", checked.source)
    missed = [words for words in wrong if not any(words in problem for problem in problems)]
    print(f"{page}: {len(wrong)} faults, {len(problems)} found", *(f"missed: {words}" for words in missed), sep="\n")
    if len(problems) != len(wrong):
        print(*problems, sep="\n")
    return 1 if missed or len(problems) != len(wrong) or not wrong else 0


class Page:
    def __init__(self, path, binary, port):
        self.path = path
        self.binary = binary
        self.source = pathlib.Path(path).read_text(encoding="utf-8")
        self.port = port
        self.problems = []
        self.printed = None
        self.groups = []
        self.unused = {}

    def check(self):
        started = time.monotonic()
        done = 0
        rest = BLOCK.sub("", self.source)
        for line in INDENTED.findall(rest):
            self.fail("an indented block is not checked, fence it", line)
        if "```" in rest:
            self.fail("a fence that is not closed, or not at the beginning of its line", rest[rest.index("```"):][:200])
        with tempfile.TemporaryDirectory(prefix="doorward-manual.") as folder:
            self.folder = pathlib.Path(folder)
            self.prepare()
            try:
                for block in BLOCK.finditer(self.source):
                    if block["hidden"] is not None:
                        self.run(block["hidden"], keeps=True)
                    else:
                        self.block(block["info"].split(), block["text"])
                        done += 1
            finally:
                self.stop()
        for name in self.unused:
            self.fail("no command uses this file", name)
        return self.path, done, self.problems, time.monotonic() - started

    def prepare(self):
        """What the reader has: the binary, the tools, the packages of npm."""
        tools = self.folder / ".bin"
        tools.mkdir()
        (tools / "doorward").symlink_to(self.binary)
        for name in ("person", "walk"):
            (tools / name).symlink_to(TOOLS / name)
        if (CLIENTS / "node_modules").exists():
            (self.folder / "node_modules").symlink_to(CLIENTS / "node_modules")
        self.environment = os.environ | {
            "PATH": f"{tools}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "BROWSER": "person --follow %s &",
            "DOORWARD_DATA": os.environ["DOORWARD_TEST_DATA"],
            "PYTHONUNBUFFERED": "1",
        }

    def block(self, info, text):
        language, words = (info[0], info[1:]) if info else ("", [])
        name = next((word for word in words if "." in word), None)
        text = self.here(text)
        if language in ("sh", "bash"):
            if "not-run" in words:
                self.printed = None
                return self.read_commands(text)
            return self.run(text)
        if language in PRINTED and name is None and self.printed is not None:
            if missing := first_missing(text, self.printed):
                self.fail(f"not in what the snippet printed: {missing}", self.printed)
            return None
        self.printed = None
        if language in SHOWN:
            return None
        if name is not None:
            (self.folder / name).write_text(text, encoding="utf-8")
            if not name.endswith((".html", ".js")):  # what browsers load, no command names
                self.unused[name] = True
        reader = getattr(self, f"read_{language}", None)
        if reader is None:
            return self.fail(f"a fence of a kind that is neither run nor read: {language!r}", text)
        try:
            return reader(text, name)
        except (ValueError, SyntaxError) as error:
            return self.fail(f"is not {language}: {error}", text)

    def here(self, text):
        """The text with the addresses and folders of the test in place of the reader's."""
        issuer, demo = (os.environ[f"DOORWARD_TEST_{name}"].removeprefix("http://") for name in ("ISSUER", "DEMO"))
        places = {"localhost:8080": issuer, "localhost:8081": demo}
        for name, place in places.items():
            text = text.replace(name, place)
            text = text.replace(name.replace(":", "%3A"), place.replace(":", "%3A"))
        text = re.sub(r"(?<![\w.])3000(?!\w)", str(self.port), text.replace("%3A3000", f"%3A{self.port}"))
        return re.sub(r"(\$PWD/)?doorward-data/dev", lambda _: os.environ["DOORWARD_TEST_DATA"], text)

    def run(self, text, keeps=False):
        """Runs a script; `keeps`: what the reader's last command printed is still what counts."""
        for name in list(self.unused):
            if name in text:
                del self.unused[name]
        script = DONE.sub("true", self.here(text)).replace("cargo run --release --", "doorward")
        variables = self.folder / ".variables"
        whole = (
            f"[ ! -f {variables} ] || . {variables}\nset -euo pipefail\n{script}\nset +u\n"
            f"{{ declare -p | grep -E '^declare -(x|-) [a-z]'; declare -f; }} > {variables} || true\n"
        )
        typed = self.folder / ".typed"
        given = typed.read_text(encoding="utf-8") if typed.exists() and not keeps else ""
        with open(self.folder / ".output", "w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                ["bash", "-c", whole], cwd=self.folder, env=self.environment, stdin=subprocess.PIPE, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, text=True,
            )  # fmt: skip
            self.groups.append(process.pid)
            try:
                process.communicate(given, timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            output.seek(0)
            printed = output.read()
        if given:
            typed.unlink()
        if not keeps:
            self.printed = printed
        if process.returncode != 0:
            self.fail(f"this snippet ended with {process.returncode}", f"{text}\n{printed}")

    def stop(self):
        """Ends what snippets left running in the background."""
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def read_commands(self, text):
        """The shell parses it, and the binary the arguments of each of its commands: `--help` is reached only past valid ones."""
        if problem := self.ask(["bash", "-n"], text):
            return self.fail(f"is not sh: {problem}", text)
        for line in text.replace("\\\n", " ").splitlines():
            for command in re.split(r"\|\||&&|[|;]", line.split(" #")[0]):
                words = shlex.split(re.sub(r"[0-9]?[<>]+ ?\S+", "", command))
                while words and (words[0] in ("sudo", "exec", "env") or re.match(r"[A-Z_]+=", words[0])):
                    words.pop(0)
                if words and pathlib.Path(words[0]).name == "doorward":
                    if problem := self.ask([self.binary, *words[1:], "--help"]):
                        self.fail(f"is no command of doorward: {problem}", command.strip())
        return None

    def read_yaml(self, text, name):
        if not re.search(r"^tenants:", text, re.MULTILINE):
            raise ValueError("a state file, which begins with tenants:")
        self.read_state(text, name)

    def read_json(self, text, name):
        value = json.loads(text)
        if isinstance(value, dict) and "tenants" in value:
            self.read_state(text, name)

    def read_state(self, text, name):
        # A file with a name is applied by a command below it.
        if name is None:
            problem = self.ask([self.binary, "apply", "--dry-run", "-f", "-"], text)
            if problem:
                self.fail(f"cannot be applied: {problem}", text)

    def read_toml(self, text, name):
        tomllib.loads(text)
        # Beside the folder's own settings, which would count for every command. A secret's file is read as a name only.
        file = self.folder / ".settings.toml"
        plain = re.sub(r'^([a-z_]+)_file = "[^"]*"$', r'\1 = "unused"', text, flags=re.MULTILINE)
        file.write_text(plain, encoding="utf-8")
        if problem := self.ask([self.binary, "config", "--config", str(file)]):
            self.fail(f"are no settings: {problem}", text)

    def read_js(self, text, name):
        if problem := self.ask(["node", "--input-type=module", "--check", "-"], text):
            raise ValueError(problem)

    def read_rust(self, text, name):
        page = pathlib.Path(self.path).name
        sources = (TOOLS.parent.parent / "crates").glob("*/src/lib.rs")
        if not any(f'docs/manual/{page}")]' in source.read_text(encoding="utf-8") for source in sources):
            raise ValueError("no crate compiles this page")

    def read_python(self, text, name):
        compile(text, name or "snippet", "exec")

    def read_html(self, text, name):
        html.parser.HTMLParser().feed(text)

    def ask(self, command, given=""):
        """Runs a command; what it complained about, nothing when it did not."""
        program = shutil.which(command[0], path=self.environment["PATH"]) or command[0]
        result = subprocess.run(
            [program, *command[1:]], input=given, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=30
        )
        return (result.stderr.strip() or f"exit {result.returncode}") if result.returncode else None

    def fail(self, what, text):
        self.problems.append(f"--- {self.path}: {what}\n{text.rstrip()}\n---")


def free_ports(count):
    """Ports on loopback where nothing listens, below the range of outgoing connections."""
    found = set()
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.add(port)
    return found


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
    sys.exit(prove(*sys.argv[2:]) if sys.argv[1] == "--wrong" else main(sys.argv[1], sys.argv[2:]))
