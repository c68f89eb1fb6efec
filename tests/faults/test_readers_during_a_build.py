"""People read while new versions are built and published: no error, no lock, one answer from one version."""

import threading
from pathlib import Path

import pytest

from tests.dashboard.conftest import door, home, republish, tiny_home  # noqa: F401
from tests.dashboard.test_front_door import ask, page_of, shown, texts
from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import publish, published
from warehouse.published import NotPublished, PublishedDamaged

pytestmark = pytest.mark.fault(4)


def another_content(step: int) -> None:
    hand_built.change(f"update marts.fct_recommendation set score = {step}")
    hand_built.pass_audit()


def test_a_reader_is_never_disturbed(audited):
    publish.publish("tiny", AS_OF)
    stop, seen, troubles = threading.Event(), set(), []

    def read():
        while not stop.is_set():
            try:
                with publish.open_published("tiny") as served:
                    first = served.execute("select max(score) from marts.fct_recommendation").fetchall()
                    seen.add(first[0][0])
                    assert served.execute("select max(score) from marts.fct_recommendation").fetchall() == first
            except Exception as error:
                troubles.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for step in (1, 2):
        another_content(step)
        publish.publish("tiny", AS_OF)
    stop.set()
    reader.join()
    assert not troubles
    assert len(seen) > 1


def test_a_page_is_of_one_version_while_others_are_published(door):  # noqa: F811
    revenues = {republish(revenue): revenue for revenue in (1001, 1002)}
    wrong, seen, stop = [], set(), threading.Event()

    def read():
        while not stop.is_set():
            drawn = page_of(ask(door))
            version = drawn["data-version"]
            seen.add(version)
            said = texts(drawn["children"])
            if shown(said, 1001, 1002) != {revenues[version]}:
                wrong.append((version, said[:30]))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(30):
        publish.rollback("tiny", list(revenues)[turn % 2])
        threading.Event().wait(0.05)
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong and seen == set(revenues)


def test_a_version_that_goes_while_it_is_opened_gives_way_to_the_one_served(audited, monkeypatch):
    """The slowest reader: when its files are opened, so many versions have been published that its own is gone."""
    first = publish.publish("tiny", AS_OF)
    another_content(1)
    second = publish.publish("tiny", AS_OF)
    publish.rollback("tiny", first)
    verify, asked = published.verify, []

    def slow(folder: Path, only: str | None = None) -> dict:
        asked.append(folder.name)
        if len(asked) == 1:
            publish.rollback("tiny", second)
            folder.rename(folder.with_name(f"{publish.DEBRIS}.{folder.name}"))
        return verify(folder, only)

    monkeypatch.setattr(published, "verify", slow)
    monkeypatch.setattr(publish, "verify", verify)
    with publish.open_published("tiny") as served:
        assert served.execute("select max(score) from marts.fct_recommendation").fetchall() == [(1.0,)]
    assert asked == [first, second]
    with pytest.raises(NotPublished):  # whoever asks for a version by name is told that it is gone
        publish.open_published("tiny", first)


def test_readers_of_one_process_open_the_same_version_at_once(audited):
    publish.publish("tiny", AS_OF)
    together, seen, troubles = threading.Barrier(6), [], []

    def read():
        together.wait()
        for _ in range(5):
            try:
                with publish.open_published("tiny") as served:
                    seen.append(served.execute("select current_setting('TimeZone')").fetchall()[0][0])
                    with pytest.raises(Exception, match=r"disabled by configuration|Permission"):
                        served.execute("from read_text('/etc/hostname')")
            except Exception as error:
                troubles.append(error)

    readers = [threading.Thread(target=read) for _ in range(together.parties)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert not troubles and set(seen) == {"UTC"} and len(seen) == 30


def test_a_damaged_version_is_refused_and_not_tried_for_ever(audited):
    version = publish.publish("tiny", AS_OF)
    (audited / "published" / version / "marts.duckdb").write_bytes(b"")
    with pytest.raises(PublishedDamaged):
        publish.open_published("tiny")
