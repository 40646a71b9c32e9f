"""Guards docs/reference: generated pages are fresh, settings have headings, lifecycles have no dead ends of thought."""

import json
import re

import pytest

from tests.house.reference import PAGES
from tests.house.sources import REFERENCE, SOURCE, lifecycles


@pytest.mark.parametrize("name", list(PAGES))
def test_a_generated_page_is_fresh(name: str) -> None:
    page = REFERENCE / name
    assert page.is_file() and page.read_text(encoding="utf-8") == PAGES[name](), "run python -m tests.house.reference"


def test_no_two_schemas_of_an_interface_share_a_name() -> None:
    """Ninja keeps one schema for a name: of two, the operations of the one would be described as the other's."""
    from clearinghouse.config.api import api, tap

    for interface in (api, tap):
        met: dict[str, set[str]] = {}
        for _, router in interface._routers:
            for operation in (one for path in router.path_operations.values() for one in path.operations):
                for model in [*operation.models, *operation.response_models.values()]:
                    for name, said in model.model_json_schema().get("$defs", {}).items() if model else ():
                        met.setdefault(name, set()).add(json.dumps(said, sort_keys=True, default=str))
        assert len(met) > 1 and not {name: said for name, said in met.items() if len(said) > 1}


def test_every_setting_has_a_heading_and_every_heading_a_setting() -> None:
    source = (SOURCE / "clearinghouse" / "config" / "settings.py").read_text(encoding="utf-8")
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    settings = set(re.findall(r"^(CLEARINGHOUSE_\w+)\b", source, re.MULTILINE))
    assert settings == set(re.findall(r"^## `(CLEARINGHOUSE_\w+)`", page, re.MULTILINE))


@pytest.mark.parametrize("name", list(lifecycles()))
def test_every_state_is_reached_by_some_sequence_of_steps(name: str) -> None:
    lifecycle = lifecycles()[name]
    assert lifecycle.reachable() == frozenset(type(lifecycle.initial).__members__.values())
