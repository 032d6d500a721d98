"""Checks a Dockerfile without a daemon: what it copies from the source exists, what it copies from a stage was made there by a
command that this repository has, base images are public ones of Docker's library, and the last stage runs as nobody."""

import pathlib
import re
import sys


def main(name):
    path = pathlib.Path(name)
    root = path.resolve().parent
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    stages, problems = [], []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        problems += getattr(Rules, word.lower(), unknown)(rest.strip(), stages, root, word)
    last = stages[-1] if stages else {}
    for wanted in ("user", "entrypoint", "healthcheck", "volume"):
        if wanted not in last:
            problems.append(f"the last stage has no {wanted.upper()}")
    if last.get("image") != "scratch":
        problems.append("the last stage is not from scratch")
    if re.match(r"(0|root)\b", last.get("user", "root")):
        problems.append("the last stage runs as root")
    for key in ("entrypoint", "healthcheck"):
        program = re.search(r'\["([^"]+)"', last.get(key, ""))
        if not program or program.group(1) not in last.get("copied", []):
            problems.append(f"{key.upper()} runs what was not copied into the last stage: {last.get(key)}")
    print(*(f"{name}: {problem}" for problem in problems), sep="\n", end="\n" if problems else "")
    print(f"{name}: {len(stages)} stages, {len(problems)} problems (linted; the image is not built here)")
    return 1 if problems else 0


def unknown(_rest, _stages, _root, word):
    return [f"unknown instruction {word}"]


class Rules:
    @staticmethod
    def from_(rest, stages, _root, _word):
        image, _, name = rest.partition(" AS ")
        stages.append({"image": image, "name": name, "copied": [], "runs": []})
        ok = image == "scratch" or re.fullmatch(r"[a-z0-9]+:[A-Za-z0-9._-]+", image)
        return [] if ok else [f"{image} is no image of Docker's library with a tag"]

    @staticmethod
    def copy(rest, stages, root, _word):
        words = rest.split()
        options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        stages[-1]["copied"].append(target)
        if "from" not in options:
            return [f"COPY of {source}, which does not exist" for source in sources if not (root / source).exists()]
        made = next((stage for stage in stages if stage["name"] == options["from"]), None)
        if made is None:
            return [f"COPY from the stage {options['from']}, which there is not"]
        runs = "\n".join(made["runs"])
        # A file of a Debian package, or below a folder that a command of the stage is given.
        known = {"/etc/ssl/certs/ca-certificates.crt": "ca-certificates"}
        return [
            f"COPY of {source}, which no command of the stage {options['from']} makes"
            for source in sources
            if known.get(source, source) not in runs and str(pathlib.PurePosixPath(source).parent) not in runs
        ]

    @staticmethod
    def run(rest, stages, root, _word):
        stages[-1]["runs"].append(rest)
        ours = re.findall(r"(?:^|\s)((?:packaging|tests)/\S+)", rest)
        return [f"RUN of {program}, which does not exist" for program in ours if not (root / program).exists()]


for instruction in ("arg", "workdir", "env", "expose", "label", "cmd"):
    setattr(Rules, instruction, staticmethod(lambda _rest, _stages, _root, _word: []))
for instruction in ("user", "entrypoint", "healthcheck", "volume"):
    def keep(rest, stages, _root, word):
        stages[-1][word.lower()] = rest
        return []
    setattr(Rules, instruction, staticmethod(keep))
setattr(Rules, "from", Rules.from_)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
