"""The committed description of the API is the API's."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from harness.house import House
from tandem.kernel.settings import checkout
from tandem.web import openapi_text

#: It takes a second of a core.
once = cache(openapi_text)
FILE = checkout() / "web" / "openapi.json"


def test_the_committed_description_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == once(), "run: tandem openapi web/openapi.json"


def test_the_description_is_the_same_every_time() -> None:
    assert openapi_text() == once()


def test_every_operation_names_its_permission_and_the_one_error_shape() -> None:
    described = json.loads(once())
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["x-permission"], (method, path)
            assert operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")


def test_every_operation_is_whole() -> None:
    """A summary, a description, an example of each JSON body, and the errors that can be met."""
    described = json.loads(once())
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert len(operation.get("summary", "")) > 3, name
            assert len(operation.get("description", "")) > 8, name
            refused = {status for status in operation["responses"] if status.startswith("4")}
            if operation["x-permission"] != "public":
                assert {"401", "403", "429"} <= refused, name
            if "{" in path:
                assert "404" in refused, name
            headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
            writes = method != "get" and path != "/v1/session"
            assert ("Idempotency-Key" in headers) == writes, name
            for content in _bodies(operation):
                assert "example" in content, name


def test_examples_are_what_the_schemas_allow() -> None:
    """As one document, because the components are read anew for each schema."""
    described = json.loads(once())
    contents = {
        f"{method} {path} {place}": content
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        for place, content in enumerate(_bodies(operation))
    }
    schema = {
        "properties": {name: content["schema"] for name, content in contents.items()},
        "components": described["components"],
    }
    examples = {name: content["example"] for name, content in contents.items()}
    assert len(examples) > 500
    assert [f"{one.instance_path}: {one.message}" for one in jsonschema_rs.iter_errors(schema, examples)] == []


def test_a_changed_promise_is_a_new_version() -> None:
    described = json.loads(once())
    assert described["info"]["version"].startswith("1.")
    assert "/v2" in described["info"]["description"]
    assert all(path.startswith(("/v1/", "/healthz", "/metrics")) for path in described["paths"])


def test_no_two_shapes_have_one_name() -> None:
    """FastAPI tells such shapes apart by their modules, which are nobody's business and move."""
    assert [name for name in json.loads(once())["components"]["schemas"] if "__" in name] == []


def test_the_page_for_developers_is_public_whole_and_of_one_piece(house: House) -> None:
    described = json.loads(once())
    for language, title in (("zh", "开发者文档"), ("en", "for developers")):
        answer = house.stranger().get("/developers", language=language)
        assert answer.status_code == 200
        assert title in answer.text
        assert "<script" not in answer.text
        assert ("重复请求" in answer.text) == (language == "zh")
        assert "http://" not in answer.text.replace("http://testserver", "")
        assert answer.text.count("<details") == sum(len(operations) for operations in described["paths"].values())


def _bodies(operation: dict[str, Any]) -> list[dict[str, Any]]:
    contents = [operation.get("requestBody", {}).get("content", {})]
    contents += [
        answer.get("content", {}) for status, answer in operation["responses"].items() if status.startswith("2")
    ]
    return [content["application/json"] for content in contents if "application/json" in content]
