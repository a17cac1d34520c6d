#!/bin/sh
# Pin and hash every package. --no-config: the result must not depend on, or name, this machine's registry.
set -e
compile="uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header"
printf 'uv==0.13.9\n' > requirements/uv.in
$compile requirements/uv.in -o requirements/uv.txt
rm requirements/uv.in
$compile pyproject.toml --extra postgres -o requirements/run.txt
$compile pyproject.toml --extra postgres --group dev -o requirements/dev.txt
$compile pyproject.toml --extra postgres --group dev --group bench -o requirements/bench.txt
