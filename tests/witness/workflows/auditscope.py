"""Stands in for auditscope: ends with the codes it is told to, and keeps what it was called with.

FAKE_PLACE is a folder: `codes` maps a verb, or a verb and its format, to an exit code (0 without one); `needs` are the
approvals that the saved plan asks for; `calls` gets a line of JSON for each call.
"""

import json
import os
import sys
from pathlib import Path

place = Path(os.environ["FAKE_PLACE"])
verb, *arguments = sys.argv[1:]
with (place / "calls").open("a") as calls:
    calls.write(json.dumps([verb, *arguments]) + "\n")
codes = json.loads((place / "codes").read_text())
form = arguments[arguments.index("--format") + 1] if "--format" in arguments else "human"
code = codes.get(f"{verb} {form}", codes.get(verb, 0))

if verb == "plan" and code not in (1, 6):
    Path(arguments[arguments.index("-o") + 1]).write_text("{}\n")
    # The tool tells GitHub by itself, too.
    if "GITHUB_OUTPUT" in os.environ:
        with open(os.environ["GITHUB_OUTPUT"], "a") as output:
            output.write("verdict=the tool's own\n")
if verb == "show" and code == 0:
    needs = json.loads((place / "needs").read_text())
    print(json.dumps({"changes": [{"needs": needs}, {"needs": needs[:1]}, {}]}))
elif code != 1:
    print(f"{verb} as {form}")
sys.exit(code)
