"""Does what is expected of customers hold on a real year whose last 90 days were not known, and better than the plain rules?"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "forecast.py"


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("bench_forecast", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.measure(90)


def test_the_next_order_is_expected_better_than_by_the_last_interval(measured: dict[str, Any]) -> None:
    errors = measured["next_order_mae_days"]
    assert measured["households"] > 2000
    assert errors["ours"] < 0.9 * errors["last_interval"]
    assert errors["ours"] < min(errors["own_mean"], errors["everybodys_mean"])


def test_the_churn_risk_says_more_than_the_base_rate_and_is_no_exaggeration(measured: dict[str, Any]) -> None:
    churn = measured["churn"]
    assert churn["brier"] < 0.9 * churn["brier_base_rate"]
    assert churn["area"] > churn["area_last_gap"] + 0.1
    assert churn["mean_risk"] == pytest.approx(churn["gone"], rel=0.2)
