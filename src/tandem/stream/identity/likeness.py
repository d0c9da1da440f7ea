"""How likely two customers are one person by what identifiers cannot say: Splink (Fellegi-Sunter) over names, places, days, devices.

Splink compares pairs and nothing else here: its clusters are nobody's ids. Names are keyed hashes, so no name is opened for it; everything
stays in this process's memory (DuckDB `:memory:`). An optional dependency (`pip install tandem[identity]`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final
from uuid import UUID

import msgspec

TRAINED_FROM: Final = 5_000
"""Fewer customers teach nothing: the stated weights serve as they are."""

DUPLICATES_PER_CUSTOMER: Final = 0.3
"""How many yet unjoined pairs are expected per customer, before anything is compared (0.28 on the generated population)."""

SAMPLE_PAIRS: Final = 1e6
PROPOSALS_MAX: Final = 200_000
_SEED: Final = 1

Model = dict[str, Any]
Table = Any
"""A `pyarrow.Table`, which has no types of its own."""


class Likeness(msgspec.Struct, frozen=True, gc=False):
    """Two customers, how likely they are one (0 to 1), and what each comparison found: (column, level, bits for or against)."""

    one: UUID
    other: UUID
    probability: float
    levels: list[tuple[str, str, float]]

    def found(self, column: str) -> str:
        """What a comparison found, empty where one side says nothing."""
        return next((level for name, level, _ in self.levels if name == column), "")

    @property
    def may_join(self) -> bool:
        """Whether it may be joined without asking, if likely enough.

        A household shares number, device and place, so likelihoods that multiply these are too high for it: a full name must agree, or
        number and district with nothing at all against it. Everything else waits for a person, however likely.
        """
        if self.found("name"):
            return self.found("name") == "same"
        agrees = self.found("mask") == "same" and self.found("place") == "same_district"
        return agrees and all(level != "different" for _, level, _ in self.levels)


@dataclass(frozen=True, slots=True)
class Level:
    """A finding of a comparison with how often it is made of one person (`m`) and of two (`u`)."""

    name: str
    sql: str
    m: float
    u: float
    weighs_frequency: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column's findings, first one that holds. Where `missing` holds nothing is said."""

    column: str
    missing: str
    levels: tuple[Level, ...]


def _same(column: str) -> str:
    return f'"{column}_l" = "{column}_r"'


def _null(column: str) -> str:
    return f'"{column}_l" is null or "{column}_r" is null'


def _overlap(column: str) -> str:
    return f'len(list_intersect("{column}_l", "{column}_r")) > 0'


def _empty(column: str) -> str:
    return f'coalesce(len("{column}_l"), 0) = 0 or coalesce(len("{column}_r"), 0) = 0'


# Where training has nothing to go by. `u` of the name is corrected by how frequent the very name is.
COMPARISONS: Final = (
    Comparison("name", _null("name"), (
        Level("same", _same("name"), 0.90, 0.0002, weighs_frequency="name"),
        Level("same_surname", _same("surname"), 0.02, 0.025, weighs_frequency="surname"),
        Level("different", "ELSE", 0.08, 0.9748),
    )),
    Comparison("place", _null("city"), (
        Level("same_district", _same("district"), 0.92, 0.004),
        Level("same_city", _same("city"), 0.02, 0.04),
        Level("different", "ELSE", 0.06, 0.956),
    )),
    Comparison("gender", _null("gender"), (Level("same", _same("gender"), 0.97, 0.5), Level("different", "ELSE", 0.03, 0.5))),
    Comparison("birthday", _null("birthday"), (
        Level("same", _same("birthday"), 0.97, 0.0001), Level("different", "ELSE", 0.03, 0.9999),
    )),
    Comparison("mask", _empty("mask"), (Level("same", _overlap("mask"), 0.6, 0.00001), Level("different", "ELSE", 0.4, 0.99999))),
    Comparison("device", _empty("device"), (Level("same", _overlap("device"), 0.6, 0.00002), Level("different", "ELSE", 0.4, 0.99998))),
)  # fmt: skip


def is_installed() -> bool:
    """Whether Splink is there; without it nothing is proposed, and the settings screen says so."""
    return find_spec("splink") is not None and find_spec("duckdb") is not None


def table(rows: Sequence[Model]) -> Table:
    """Customers as Splink reads them: `unique_id`, hashes and plain fields, arrays of last four digits and devices."""
    pa: Any = import_module("pyarrow")
    text, texts = pa.string(), pa.list_(pa.string())
    columns = {"unique_id": text, "name": text, "surname": text, "gender": text, "birthday": text, "city": text}
    schema = pa.schema([*({**columns, "district": text}).items(), ("mask", texts), ("device", texts)])
    return pa.Table.from_pylist(list(rows), schema=schema)


def train(people: Table) -> Model:
    """The weights for this population; the stated ones where it is too small to teach any."""
    if people.num_rows < TRAINED_FROM:
        return _settings(people.num_rows)
    splink: Any = import_module("splink")
    linker = _linker(people, _settings(people.num_rows))
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE_PAIRS, seed=_SEED)
    for rule in (splink.block_on("name", "city"), splink.block_on("district", "surname", "gender")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, fix_u_probabilities=True)
    return linker.misc.save_model_to_json(None)


def propose(people: Table, model: Model, *, above: float) -> list[Likeness]:
    """Pairs at least so likely, the likeliest first, at most `PROPOSALS_MAX`."""
    if people.num_rows < 2:
        return []
    # How many there are is this night's, whatever the weights were learnt on.
    linker = _linker(people, {**model, "probability_two_random_records_match": _prior(people.num_rows)})
    found = linker.inference.predict(threshold_match_probability=above)
    columns = ", ".join(_columns(one) for one in COMPARISONS)
    rows = (
        found.query_sql(
            f"""
        select unique_id_l, unique_id_r, match_probability, {columns} from {{this}}
        order by match_probability desc, unique_id_l, unique_id_r limit {PROPOSALS_MAX}
        """,
        )
        .as_duckdbpyrelation()
        .fetchall()
    )
    return [_likeness(*row) for row in rows]


def _columns(one: Comparison) -> str:
    weighs = any(level.weighs_frequency for level in one.levels)
    bits = f'"mw_{one.column}"' + (f' + "mw_tf_adj_{one.column}"' if weighs else "")
    return f'"gamma_{one.column}", {bits} as "bits_{one.column}"'


def _likeness(one: str, other: str, probability: float, *found: float) -> Likeness:
    levels: list[tuple[str, str, float]] = []
    for place, comparison in enumerate(COMPARISONS):
        gamma, bits = int(found[2 * place]), found[2 * place + 1]
        if gamma >= 0:
            # Splink counts levels from the bottom: the last has 0, the first the most.
            levels.append(
                (comparison.column, comparison.levels[len(comparison.levels) - 1 - gamma].name, round(bits, 2))
            )
    return Likeness(UUID(one), UUID(other), probability, levels)


def _prior(people: int) -> float:
    return min(0.5, 2 * DUPLICATES_PER_CUSTOMER / max(people, 2))


def _settings(people: int) -> Model:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": _prior(people),
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "comparisons": [_described(one) for one in COMPARISONS],
        "blocking_rules_to_generate_predictions": [
            _block("name", "city"),
            _block("name", "birthday"),
            _block("surname", "mask", explode="mask"),
            _block("mask", "district", explode="mask"),
            _block("device", explode="device"),
            _block("birthday", "district"),
        ],
    }


def _block(*columns: str, explode: str | None = None) -> Model:
    rule: Model = {"blocking_rule": " and ".join(f'l."{one}" = r."{one}"' for one in columns), "sql_dialect": "duckdb"}
    return rule if explode is None else {**rule, "arrays_to_explode": [explode]}


def _described(one: Comparison) -> Model:
    missing = {"sql_condition": one.missing, "label_for_charts": "missing", "is_null_level": True}
    return {"output_column_name": one.column, "comparison_levels": [missing, *(_level(level) for level in one.levels)]}


def _level(one: Level) -> Model:
    described: Model = {
        "sql_condition": one.sql,
        "label_for_charts": one.name,
        "m_probability": one.m,
        "u_probability": one.u,
    }
    return described if one.weighs_frequency is None else {**described, "tf_adjustment_column": one.weighs_frequency}


def _linker(people: Table, settings: Model) -> Any:  # Splink is untyped at its edge
    splink: Any = import_module("splink")
    duckdb: Any = import_module("splink.backends.duckdb")
    logging.getLogger("splink").setLevel(logging.ERROR)
    return splink.Linker(duckdb.DuckDBAPI(":memory:").register(people), settings, log_level=logging.ERROR)
