"""Every published signing, verification and sealing vector holds, in the project's own file or in the one that TANDEM_VECTORS names.

A vector needs no code: `algorithm_id` names an implementation, `inputs` are its arguments, `expected` what comes out. Where something must
be refused, `expected` is false or null (or, of an object, those members that must hold).
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tandem.connectors.kit.algorithms import NotGenuine, UnknownAlgorithm, compute, names
from tandem.connectors.kit.texts import same

OWN = Path(__file__).parent / "data" / "vectors.json"
FILE = Path(os.environ.get("TANDEM_VECTORS") or OWN)
READ = json.loads(FILE.read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = READ["vectors"] if isinstance(READ, dict) else READ
CLAIMED = ("signature", "sign", "signature_b64", "given", "received", "header")


def outcome(vector: dict[str, Any]) -> Any:
    """What the implementation says; a signature is compared where the vector asks whether one fits."""
    try:
        found = compute(vector["algorithm_id"], vector["inputs"])
    except NotGenuine:
        return False
    claimed = next((vector["inputs"][name] for name in CLAIMED if name in vector["inputs"]), None)
    if isinstance(vector["expected"], bool) and isinstance(found, str) and isinstance(claimed, str):
        return same(claimed, found)
    return found


def holds(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(holds(found.get(name), value) for name, value in expected.items())
    if expected in (None, False):
        return found in (None, False)
    return found == expected


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{one['id']}-{one['kind']}" for one in VECTORS])
def test_a_vector_holds(vector: dict[str, Any]) -> None:
    found = outcome(vector)
    assert holds(found, vector["expected"]), f"{vector['algorithm_id']}: got {found!r}, expected {vector['expected']!r}"


def test_an_unknown_algorithm_fails_by_its_name() -> None:
    with pytest.raises(UnknownAlgorithm, match=r"'made_up'.*wrap_md5_upper"):
        compute("made_up", {})


def test_every_implementation_has_a_vector() -> None:
    own = {one["algorithm_id"] for one in json.loads(OWN.read_text(encoding="utf-8"))["vectors"]}
    assert set(names()) == own


def test_tampering_is_noticed() -> None:
    """Of every sealed text, with one character changed, nothing is opened."""
    sealed = [one for one in VECTORS if one["algorithm_id"] == "aes_gcm_dec"]
    for vector in sealed:
        text = vector["inputs"]["ciphertext_b64"]
        changed = ("B" if text[0] == "A" else "A") + text[1:]
        assert outcome({**vector, "inputs": vector["inputs"] | {"ciphertext_b64": changed}}) is False
