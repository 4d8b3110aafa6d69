"""Which bundles of a long list are shown: a filter, or a few side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

Row = dict[str, Any]
MOST_COMPARED = 6


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """As its URL describes it; an unknown value finds nothing, a wrong number is none."""

    system: str = ""
    vcpus: int = 0
    """At least."""
    memory: int = 0
    """At least, in GiB."""
    compare: tuple[str, ...] = ()
    """Only these, by id, side by side."""

    @property
    def is_filtered(self) -> bool:
        return bool(self.system or self.vcpus or self.memory)

    def query(self) -> dict[str, Any]:
        """For links; without what is not asked for."""
        every = {
            "system": self.system,
            "vcpus": self.vcpus,
            "memory": self.memory,
            "compare": list(self.compare),
        }
        return {name: value for name, value in every.items() if value}

    def of(self, rows: Sequence[Row]) -> list[Row]:
        if self.compare:
            return [row for row in rows if row["bundle_id"] in self.compare]
        return [row for row in rows if self._fits(row)]

    def _fits(self, row: Row) -> bool:
        return (
            self.system in ("", row["operating_system"])
            and (row["vcpus"] or 0) >= self.vcpus
            and (row["memory_gib"] or 0) >= self.memory
        )


def choice_of(values: "MultiDict[str, str]") -> BundleChoice:
    return BundleChoice(
        system=values.get("system", "")[:80],
        vcpus=_number(values.get("vcpus", "")),
        memory=_number(values.get("memory", "")),
        compare=tuple(dict.fromkeys(values.getlist("compare")))[:MOST_COMPARED],
    )


def filters_of(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """What can be chosen in the filter."""
    return {
        "systems": sorted({row["operating_system"] for row in rows}),
        "vcpus": sorted({row["vcpus"] for row in rows if row["vcpus"]}),
        "memory": sorted({row["memory_gib"] for row in rows if row["memory_gib"]}),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
