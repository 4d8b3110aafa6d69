"""Sizes of machines that a cloud can change into each other, and how busy a smaller one would have been."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domain.loads import Load


@dataclass(frozen=True, slots=True)
class MachineSize:
    code: str
    """As the cloud names it in what it says of a desktop."""
    label: str
    vcpus: int
    memory_gib: int

    def is_smaller_than(self, other: "MachineSize") -> bool:
        mine, others = (self.vcpus, self.memory_gib), (other.vcpus, other.memory_gib)
        return mine != others and self.vcpus <= other.vcpus and self.memory_gib <= other.memory_gib

    def stays_below(self, percent: float, load: Load, on: "MachineSize") -> bool:
        """Would it have in the busiest hours, with the work that was the load of the other size?"""
        cpu = load.cpu_percent * on.vcpus / self.vcpus
        memory = load.memory_percent * on.memory_gib / self.memory_gib
        return cpu < percent and memory < percent


def find_size(sizes: Sequence[MachineSize], code: str | None) -> MachineSize | None:
    """None: it is none of these, such as one with graphics."""
    return next((one for one in sizes if one.code == code), None)


def smaller_sizes(sizes: Sequence[MachineSize], code: str | None) -> list[MachineSize]:
    """The next one first."""
    size = find_size(sizes, code)
    found = [one for one in sizes if size is not None and one.is_smaller_than(size)]
    return sorted(found, key=lambda one: (one.memory_gib, one.vcpus), reverse=True)
