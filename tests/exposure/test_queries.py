"""Reading results, bills of materials and what is installed."""

import json
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.exposure.queries import bill_of_materials, cases_in, node_packages, python_packages, together
from tests.exposure.results import case, write_results

CASE = case(
    "pkg:pypi/pyyaml",
    ("5.1", "5.4"),
    not_run=frozenset({"3.10"}),
    workarounds=("Use the safe loader.",),
    clock="14 days to 3 days",
    to_confirm=True,
    page="cases/one/index.html",
)


def test_the_cases_of_a_clearing_are_read_as_they_were_written(tmp_path: Path) -> None:
    other = case("pkg:npm/lodash", ("0", "4.17.21"), key="two", page="cases/two/index.html")
    assert cases_in(write_results(tmp_path, [CASE, other])) == (CASE, other)


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        cases_in(tmp_path)
    (tmp_path / "index.json").write_text('{"schema": "other"}', "utf-8")
    with pytest.raises(Malformed):
        cases_in(tmp_path)


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname", "cases/../../outside.json"])
def test_an_index_that_names_a_file_outside_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_results(tmp_path / "out", [CASE])
    (tmp_path / "outside.json").write_text((folder / "cases/one/osv.json").read_text("utf-8"), "utf-8")
    index = json.loads((folder / "index.json").read_text("utf-8"))
    index["cases"][0]["files"]["osv"] = name
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(Malformed, match="outside"):
        cases_in(folder)


def test_a_broken_record_is_refused_with_its_file(tmp_path: Path) -> None:
    folder = write_results(tmp_path, [CASE])
    (folder / "cases/one/osv.json").write_text("{}", "utf-8")
    with pytest.raises(Malformed, match=r"osv\.json"):
        cases_in(folder)


def test_a_bill_of_materials_names_the_place_of_each_component(tmp_path: Path) -> None:
    file = tmp_path / "bom.json"
    components = [{"name": "PyYAML", "version": "5.3", "purl": "pkg:pypi/pyyaml"}, {"name": "own"}]
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}), "utf-8")
    found = bill_of_materials(file)
    assert str(found.components[0].purl) == "pkg:pypi/pyyaml@5.3"
    assert found.components[0].place == f"{file}: components[0]"
    assert [one.name for one in found.unnamed] == ["own"]


def test_an_spdx_bill_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "bom.json"
    reference = {"referenceType": "purl", "referenceLocator": "pkg:npm/a@1.0.0"}
    package = {"name": "a", "SPDXID": "SPDXRef-1", "externalRefs": [reference]}
    file.write_text(json.dumps({"spdxVersion": "SPDX-2.3", "packages": [package]}), "utf-8")
    assert [str(one.purl) for one in bill_of_materials(file).components] == ["pkg:npm/a@1.0.0"]


@pytest.mark.parametrize("value", [{}, [], {"x": 1}])
def test_what_is_no_bill_of_materials_is_refused(tmp_path: Path, value: object) -> None:
    file = tmp_path / "bom.json"
    file.write_text(json.dumps(value), "utf-8")
    with pytest.raises(Malformed):
        bill_of_materials(file)


def distribution(folder: Path, name: str, text: str) -> None:
    place = folder / f"{name}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(text, "utf-8")


def test_installed_python_packages_are_found_with_their_place(tmp_path: Path) -> None:
    distribution(tmp_path, "PyYAML-5.3", "Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3\n")
    distribution(tmp_path, "broken-1", "Metadata-Version: 2.1\n")
    found = python_packages([tmp_path, tmp_path])
    assert [(str(one.purl), Path(one.place).name) for one in found.components] == [
        ("pkg:pypi/pyyaml@5.3", "PyYAML-5.3.dist-info")
    ]
    assert len(found.unread) == 1


def package(folder: Path, **said: Any) -> None:  # noqa: ANN401
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(said), "utf-8")


def test_node_packages_are_found_at_every_depth_but_not_among_their_own_files(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    package(modules / "lodash", name="lodash", version="4.17.20")
    package(modules / "lodash" / "fp", name="not-a-package", version="1.0.0")
    package(modules / "@scope" / "thing", name="@scope/thing", version="1.0.0")
    package(modules / "a" / "node_modules" / "lodash", name="lodash", version="3.0.0")
    package(modules / ".pnpm" / "b@1.0.0" / "node_modules" / "b", name="b", version="1.0.0")
    package(modules / "nameless")
    found = node_packages(tmp_path)
    assert sorted(str(one.purl) for one in found.components) == [
        "pkg:npm/%40scope/thing@1.0.0",
        "pkg:npm/b@1.0.0",
        "pkg:npm/lodash@3.0.0",
        "pkg:npm/lodash@4.17.20",
    ]
    assert len(found.unread) == 1
    assert node_packages(modules).components == found.components


def test_a_package_file_with_a_key_twice_is_named_as_unread(tmp_path: Path) -> None:
    folder = tmp_path / "node_modules" / "a"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "a", "version": "1.0.0", "version": "2.0.0"}', "utf-8")
    found = node_packages(tmp_path)
    assert found.components == ()
    assert "stands twice" in found.unread[0]


def test_a_folder_without_node_modules_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        node_packages(tmp_path)


def test_several_inventories_are_one(tmp_path: Path) -> None:
    distribution(tmp_path, "a-1", "Metadata-Version: 2.1\nName: a\nVersion: 1\n")
    one = python_packages([tmp_path])
    assert len(together(one, one).components) == 2
