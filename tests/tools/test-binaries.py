"""Of what `cargo test --no-run --message-format=json-render-diagnostics` says on standard input: the test programs of the
packages in the given folders, one a line, after the folder they run in.

`cargo test -p` would choose the packages too, but compile everything below them again with other features."""

import json
import pathlib
import sys

folders = {str(pathlib.Path(folder).resolve()) for folder in sys.argv[1:]}
for line in sys.stdin:
    message = json.loads(line)
    if message["reason"] == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
        folder = str(pathlib.Path(message["manifest_path"]).parent)
        if folder in folders:
            print(folder, message["executable"])
