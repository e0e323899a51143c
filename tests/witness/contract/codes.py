"""The error codes that the sandbox's sources can give, found in the sources, so that no list has to be kept."""

import re
from pathlib import Path

SERVICES = Path(__file__).parents[3] / "src" / "sandbox" / "service"
# A code where a fault is made, or handed to what makes one.
MADE = re.compile(r'Fault::(?:bad|with)\(\s*(?:\d+,\s*)?"([A-Za-z0-9.]+)"')
# A text that cannot be anything but a code.
NAMED = re.compile(
    r'"([A-Z][A-Za-z0-9]+(?:Exception|Error|Found|Exceeded|InvalidNextToken)|NoSuch[A-Z][A-Za-z0-9]+|InvalidNextToken)"')
# Members of GetTrailStatus, and what one of them says.
NO_CODES = {
    ("cloudtrail", "LatestCloudWatchLogsDeliveryError"), ("cloudtrail", "LatestDeliveryError"),
    ("cloudtrail", "NoSuchBucket"),
}
# Modules that every service leans on; their codes count where a service gives them.
SHARED = {"mod", "delivery", "fixture", "listing", "policy_check", "record"}
FILES = {"tagging": "tag"}


def in_sources() -> set[tuple[str, str]]:
    """Returns service and code of every refusal in the sources, tests left out."""
    found = set()
    for path in SERVICES.rglob("*.rs"):
        service = path.relative_to(SERVICES).parts[0].removesuffix(".rs")
        if service in SHARED or path.name == "tests.rs" or path.parent.name == "tests":
            continue
        text = re.split(r"#\[cfg\(test\)\]\s*mod tests \{", path.read_text())[0]
        text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        codes = set(MADE.findall(text)) | set(NAMED.findall(text))
        found |= {(FILES.get(service, service), code) for code in codes}
    return found - NO_CODES
