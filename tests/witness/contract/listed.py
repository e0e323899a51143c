"""The one list of differences, and what it does not explain."""

import re
import tomllib
from pathlib import Path

LIST = Path(__file__).parents[1] / "differences.toml"
KEYS = {"against", "operation", "case", "what", "right", "because", "source"}


class Listed:
    """`differences.toml`, with a mark at each line that was met."""

    def __init__(self):
        self.entries = tomllib.loads(LIST.read_text())["difference"]
        self.met: set[tuple[int, str]] = set()

    def malformed(self) -> list[str]:
        """Returns entries that do not say what they must."""
        wrong = []
        for entry in self.entries:
            unknown = entry.keys() - KEYS
            lacking = KEYS - {"case"} - entry.keys()
            if unknown or lacking or entry.get("against") not in ("moto", "model"):
                wrong.append(f"{entry.get('operation')}: lacks {sorted(lacking)}, has {sorted(unknown)}")
            elif entry["right"] not in ("sandbox", "moto", "either") or not entry["because"] or not entry["source"]:
                wrong.append(f"{entry['operation']}: says not who is right, why, and who says so")
        return wrong

    def explains(self, against: str, operation: str, case: str, what: str) -> bool:
        """Returns whether an entry is about a difference; every entry that is counts as met."""
        found = False
        for number, entry in enumerate(self.entries):
            if entry["against"] != against or not like(entry["operation"], operation):
                continue
            if not like(entry.get("case", "*"), case):
                continue
            for pattern in entry["what"]:
                if like(pattern, what):
                    self.met.add((number, pattern))
                    found = True
        return found

    def stale(self) -> list[str]:
        """Returns what is listed and did not occur."""
        return [
            f"{entry['operation']} [{entry.get('case', '*')}]: {pattern}"
            for number, entry in enumerate(self.entries)
            for pattern in entry["what"]
            if (number, pattern) not in self.met
        ]


def like(pattern: str, text: str) -> bool:
    """Returns whether a text is like a pattern, in which `*` is anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None
