import json
import shutil

import pytest

from shops.declaration import load
from warehouse import dbt, lock, paths


@pytest.fixture(scope="session")
def manifest(shared_folder):
    """dbt's own manifest of the demo shop, which fills every entity; parsed once, whichever process asks first."""
    kept = shared_folder / "demo_shop_manifest.json"
    with lock.exclusive(shared_folder / "demo_shop_manifest.lock", wait_seconds=600):
        if not kept.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PRECISION_HOME", str(shared_folder / "parsed"))
                shop = load("demo_shop")
                values = dbt.variables(shop, shop.as_of, [shop.as_of], shop.as_of, shop.as_of)
                dbt.invoke(shop, ["parse"], values)
                shutil.copy(paths.of(shop.name).dbt / "target" / "manifest.json", kept)
    return json.loads(kept.read_text())
