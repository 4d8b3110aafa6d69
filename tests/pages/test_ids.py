"""Numbers in addresses that no id can be."""

import pytest
from flask import Flask

from tests.desk import Desk


@pytest.mark.parametrize("number", ["0", "2147483648", "9223372036854775808", "9" * 40])
@pytest.mark.parametrize("path", ["/workspaces/{}/", "/credentials/{}/", "/jobs/{}/", "/board/{}/"])
def test_an_impossible_id_is_a_page_that_does_not_exist(
    app: Flask, desk: Desk, sign_in, path: str, number: str
) -> None:
    browser = sign_in("provider@example.com")

    assert browser.get(path.format(number)).status_code == 404
