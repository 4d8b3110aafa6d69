"""bin/sbom: exactly the packages of the production lock, with their hashes, as valid CycloneDX."""

import json
import re
import sys
from pathlib import Path

import _sbom
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

LOCK = Path(__file__).resolve().parents[2] / "requirements.txt"


@pytest.fixture(scope="module")
def document() -> dict:
    return _sbom.document(Path(sys.executable))


def locked() -> dict[tuple[str, str], set[str]]:
    """Name and version of every entry of the lock, with its hashes."""
    entries = re.split(r"^(?=[a-z0-9])", LOCK.read_text(), flags=re.MULTILINE)[1:]
    found = {}
    for entry in entries:
        name, version = re.match(r"([^=\[]+)(?:\[[^]]*\])?==(\S+)", entry).groups()
        found[name, version] = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return found


def hashes_of(component: dict) -> set[str]:
    return {
        one["content"]
        for reference in component["externalReferences"]
        for one in reference.get("hashes", ())
        if one["alg"] == "SHA-256"
    }


def test_the_sbom_lists_exactly_the_packages_of_the_lock_with_their_hashes(document: dict) -> None:
    listed = {(one["name"], one["version"]): hashes_of(one) for one in document["components"]}

    assert len(document["components"]) == len(listed)
    assert listed == locked()
    assert all(listed.values())


def test_the_sbom_is_of_berth_and_valid(document: dict) -> None:
    assert document["metadata"]["component"]["name"] == "berth"
    assert document["metadata"]["timestamp"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None


def test_an_installed_package_has_its_licence(document: dict) -> None:
    licences = {one["name"]: one.get("licenses") for one in document["components"]}

    assert licences["flask"][0]["license"]["id"] == "BSD-3-Clause"
    assert licences["flask-wtf"], "the package spells its name Flask-WTF"
    assert sum(found is None for found in licences.values()) <= len(licences) // 10


def test_a_failed_tool_is_named(tmp_path: Path) -> None:
    with pytest.raises(_sbom.Refusal, match="cyclonedx-py requirements failed"):
        _sbom._cyclonedx(Path(sys.executable), "requirements", tmp_path / "none.txt")
