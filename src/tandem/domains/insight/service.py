"""What other domains may ask of insight: the people behind a figure, for exports."""

from tandem.domains.insight.conversion import STEPS, Convert, Question, converts

__all__ = ["STEPS", "Convert", "Question", "converts"]
