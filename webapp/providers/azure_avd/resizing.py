"""What can be changed of a session host: docs/evidence/azure_avd.md#changing-a-size."""

from webapp.domain.resize_rules import ResizeRules
from webapp.domain.resizes import ResizeKind

RESIZES = ResizeRules(
    effects={
        ResizeKind.SIZE: (
            "A running desktop restarts: the person is signed out, open programs close, files stay. That"
            " takes about 5 minutes. A stopped one stays off. Azure bills the new size from the change on;"
            " the disk stays what it is."
        ),
    },
)
