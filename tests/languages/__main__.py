"""`python -m tests.languages`: bring every catalogue up to date, and say what still needs a translator."""

import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.languages.extraction import template
from webapp.languages import CATALOGUES


def main() -> int:
    missing = 0
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        language = path.parent.parent.name
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language)
        # Without guesses: a similar message is another one, and a fuzzy entry would be one more state.
        made_at = catalogue.creation_date
        catalogue.update(template(), no_fuzzy_matching=True)
        catalogue.creation_date = made_at
        catalogue.obsolete.clear()
        with path.open("wb") as target:
            write_po(target, catalogue, width=110, sort_output=True, include_lineno=False)
        untranslated = _untranslated(catalogue)
        missing += len(untranslated)
        for message in untranslated:
            print(f"{language}: {message}")
    return 1 if missing else 0


def _untranslated(catalogue: Catalog) -> list[str]:
    return [
        str(one.id)
        for one in catalogue
        if one.id and not all(one.string if isinstance(one.string, tuple) else [one.string])
    ]


if __name__ == "__main__":
    sys.exit(main())
