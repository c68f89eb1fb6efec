"""`precision docs`: the page of the version served, without building anything."""

import json

from warehouse import paths, published


def test_the_page_of_the_served_version_is_named(call, versions):
    done = call("docs", "--shop", "tiny")
    assert done.exit_code == 1 and "has no dbt docs" in done.stderr  # published without one
    folder = paths.of("tiny").published / versions[1]
    page, manifest = folder / "dbt_docs.html", folder / published.MANIFEST
    page.write_text("<html></html>")
    content = json.loads(manifest.read_text())
    content["files"][page.name] = {"bytes": page.stat().st_size, "sha256": published.sha256(page)}
    manifest.write_text(json.dumps(content))
    assert call("docs", "--shop", "tiny").stdout == f"Open in a browser: {page}\n"
    page.write_text("<html>!</html>")
    done = call("docs", "--shop", "tiny")
    assert done.exit_code == 1 and "is not the file that was published" in done.stderr
