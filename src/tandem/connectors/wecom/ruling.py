"""WeCom's rules on what advisers may write (敏感词规则)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tandem.connectors.kit.values import listed, word
from tandem.connectors.wecom.asking import Asks
from tandem.domains.contact.reaching import RuleSpec

BLOCK, WARN = 1, 2
NAME_MAX: Final = 20
SEMANTICS: Final = {"phone": 1, "email": 2, "red_packet": 3}


class RulePart(Asks):
    """Implements `contact.reaching.RuleCalls`."""

    def rules(self) -> Mapping[str, str]:
        """The rules that stand, with their names."""
        found = self._ask("externalcontact/get_intercept_rule_list", {}, "GET")
        return {word(one, "rule_id"): word(one, "rule_name") for one in listed(found, "rule_list")}

    def put_rule(self, rule_id: str | None, spec: RuleSpec, before: Sequence[str]) -> str:
        """Make or change a rule; for whom it holds is told as who came and who went."""
        rule: dict[str, Any] = {
            "rule_name": spec.name[:NAME_MAX],
            "word_list": list(spec.words),
            "intercept_type": BLOCK if spec.block else WARN,
        }
        semantics = [SEMANTICS[one] for one in spec.semantics]
        if rule_id is None:
            if semantics:
                rule["semantics_list"] = semantics
            made = self._ask(
                "externalcontact/add_intercept_rule", {**rule, "applicable_range": {"user_list": list(spec.members)}}
            )
            return str(made["rule_id"])
        # Made with the list at the top and changed with it inside: so it is documented. Told even when empty, which takes them away.
        rule["extra_rule"] = {"semantics_list": semantics}
        come, gone = sorted(set(spec.members) - set(before)), sorted(set(before) - set(spec.members))
        if come:
            rule["add_applicable_range"] = {"user_list": come}
        if gone:
            rule["remove_applicable_range"] = {"user_list": gone}
        self._ask("externalcontact/update_intercept_rule", {"rule_id": rule_id, **rule})
        return rule_id

    def drop_rule(self, rule_id: str) -> None:
        """Take a rule away."""
        self._ask("externalcontact/del_intercept_rule", {"rule_id": rule_id})
