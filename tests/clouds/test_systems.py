"""Recognising operating systems by the words that AWS uses."""

from tests.cases import each_case
from webapp.clouds.aws_workspaces.systems import recognise


@each_case(
    ("name", "description", "image_type", "label", "workspace_type"),
    [
        ("Standard with Ubuntu 22.04", "", None, "Ubuntu 22.04", "ubuntu"),
        ("Standard with Windows 10 (Server 2022 based) (WSP)", "", None, "Windows 10", "windows"),
        ("Power with Windows 11", "", None, "Windows 11", "windows"),
        ("Value with Windows Server 2025", "", None, "Windows Server 2025", "windows"),
        ("Standard with Amazon Linux 2", "", None, "Amazon Linux 2", None),
        ("Performance with Rocky Linux 9", "", None, "Rocky Linux 9", None),
        ("Performance with Red Hat Enterprise Linux 8", "", None, "Red Hat Enterprise Linux 8", None),
        ("Team desktop", "Ubuntu 24.04 with our tools", "LINUX", "Ubuntu 24.04", "ubuntu"),
        ("Team desktop", "", "WINDOWS", "Windows", "windows"),
        ("Team desktop", "", "LINUX", "Linux (unknown distribution)", None),
        ("Team desktop", "", None, "not recognised", None),
    ],
)
def test_the_system_is_read_from_name_description_and_image(
    name: str, description: str, image_type: str | None, label: str, workspace_type: str | None
) -> None:
    system = recognise(name, description, image_type=image_type)

    assert (system.label, system.workspace_type) == (label, workspace_type)
