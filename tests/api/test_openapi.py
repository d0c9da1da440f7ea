"""The committed description of the API is the API's."""

import json

from tandem.kernel.settings import checkout
from tandem.web import openapi_text

FILE = checkout() / "web" / "openapi.json"


def test_the_committed_description_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == openapi_text(), "run: tandem openapi web/openapi.json"


def test_the_description_is_the_same_every_time() -> None:
    assert openapi_text() == openapi_text()


def test_every_operation_names_its_permission_and_the_one_error_shape() -> None:
    described = json.loads(openapi_text())
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["x-permission"], (method, path)
            assert operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
            assert "422" not in operation["responses"]
