"""`precision versions` and `rollback` on versions made by hand."""

import json

from warehouse import paths, published


def test_versions_as_json_says_what_each_holds_and_which_is_served(call, versions, home):
    older, newer = versions
    manifest = home / "tiny" / "published" / newer / published.MANIFEST
    interval = {"first_arrival_day": "2025-01-01", "last_arrival_day": "2026-01-04"}
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"data_interval": interval}))
    done = call("versions", "--shop", "tiny", "--json")
    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert [(each["version"], each["as_of"], each["is_served"]) for each in found] == [
        (newer, "2026-01-05", True),
        (older, "2026-01-04", False),
    ]
    assert found[0]["data_interval"] == interval
    assert found[1]["data_interval"] == {"first_arrival_day": None, "last_arrival_day": None}
    assert found[0]["bytes"] == sum(file.stat().st_size for file in manifest.parent.iterdir())


def test_a_rolled_back_version_is_the_one_marked(call, versions):
    older, newer = versions
    done = call("rollback", older, "--shop", "tiny")
    assert done.exit_code == 0 and f"tiny now serves {older}" in done.stdout
    lines = call("versions", "--shop", "tiny").stdout.splitlines()
    assert [line.split()[:2] for line in lines if older in line] == [["*", older]]
    assert [line.split()[0] for line in lines if newer in line] == [newer]


def test_a_manifest_that_cannot_be_read_does_not_hide_the_others(call, versions, home):
    older, newer = versions
    (home / "tiny" / "published" / newer / published.MANIFEST).write_text("{")
    assert {each["version"] for each in json.loads(call("versions", "--shop", "tiny", "--json").stdout)} == {
        older,
        newer,
    }


def test_a_damaged_version_is_not_served_again(call, versions):
    older, newer = versions
    (paths.of("tiny").published / older / published.DATABASE).write_bytes(b"something else")
    done = call("rollback", older, "--shop", "tiny")
    assert done.exit_code == 1 and "is not the file that was published" in done.stderr
    assert published.current("tiny") == newer


def test_a_shop_that_is_not_declared_is_refused(call):
    done = call("versions", "--shop", "nosuch")
    assert done.exit_code == 1 and "unknown shop 'nosuch'" in done.stderr
    assert call("versions", "--shop", "demo_shop").exit_code == 0  # declared, nothing published
