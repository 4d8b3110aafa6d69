"""`python -m tests.third_cloud FOLDER`: the journey in a process of its own, what came of it as JSON.

Of its own, because the API's schemas are made when `webapp.api` is imported: as for a cloud that ships, the
provider has to be registered before.
"""

import json
import sys
from pathlib import Path

from tests.third_cloud.provider import PROVIDER
from webapp.providers.registry import PROVIDERS


def main(folder: Path) -> None:
    with PROVIDERS.registered(PROVIDER):
        from tests.third_cloud.journey import travel

        print(json.dumps(travel(folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
