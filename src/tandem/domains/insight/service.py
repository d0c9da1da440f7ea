"""What other rooms may ask of insight: the people behind a figure, for exports; entering what was spent, for samples."""

from tandem.domains.insight.conversion import STEPS, Convert, Question, converts
from tandem.domains.insight.spend import Spend
from tandem.domains.insight.spend import enter as enter_spend

__all__ = ["STEPS", "Convert", "Question", "Spend", "converts", "enter_spend"]
