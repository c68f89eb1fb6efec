"""A worker is lost after the switch, before it could report success: the task is tried again, and changes nothing."""

import pytest

from tests.faults.everything_kept import everything
from tests.warehouse.hand_built import AS_OF
from warehouse import publish

pytestmark = pytest.mark.fault(2)


def written(folder) -> dict[str, tuple[int, int]]:
    """Which file it is and when it was last written: the same bytes written anew would show."""
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("lost_at", ["_prune", None])
def test_a_worker_that_dies_after_publishing_is_retried_without_effect(audited, monkeypatch, lost_at):
    with monkeypatch.context() as patch:
        if lost_at:
            patch.setattr(publish, lost_at, lambda shop: (_ for _ in ()).throw(RuntimeError("worker lost")))
        with pytest.raises(RuntimeError, match="worker lost"):
            publish.publish("tiny", AS_OF)
            raise RuntimeError("worker lost")  # published and swept up, but nobody was told
    version, served = publish.current("tiny"), audited / "published"
    before, files = everything(served), written(served)
    assert publish.publish("tiny", AS_OF) == version
    assert everything(served) == before
    assert written(served) == files
