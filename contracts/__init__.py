"""PROMISES: what one record of each kind must be, the same for every city, and how a delivery is judged."""

from contracts.check import check, terms_of
from contracts.contract import Contract, ContractField, all_contracts, get, rule_words
from contracts.delivery_rules import WAIVABLE
from contracts.errors import ContractError
from contracts.privacy import pseudonym
from contracts.rules import Rule
from contracts.verdict import Verdict

__all__ = [
    "WAIVABLE", "Contract", "ContractError", "ContractField", "Rule", "Verdict", "all_contracts", "check", "get",
    "pseudonym", "rule_words", "terms_of",
]  # fmt: skip
