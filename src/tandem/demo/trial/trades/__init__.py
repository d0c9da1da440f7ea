"""The trades one can try."""

from typing import Final

from tandem.demo.trial.trade import Trade
from tandem.demo.trial.trades.beauty import BEAUTY
from tandem.demo.trial.trades.equipment import EQUIPMENT
from tandem.demo.trial.trades.garage import GARAGE
from tandem.demo.trial.trades.milk_tea import MILK_TEA
from tandem.demo.trial.trades.mother_baby import MOTHER_BABY

TRADES: Final[dict[str, Trade]] = {one.code: one for one in (BEAUTY, MILK_TEA, MOTHER_BABY, GARAGE, EQUIPMENT)}
