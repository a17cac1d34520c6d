"""The wheel, installed into an empty environment, plays a drill: nothing of the checkout is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("wheel")]


def _run(*command: str | Path, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_alone_plays_a_drill_to_the_release(tmp_path: Path):
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    wheel = next(tmp_path.glob("response_desk-*.whl"))
    with zipfile.ZipFile(wheel) as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}
        assert {name for name in tops if not name.endswith(".dist-info")} == {"crisis", "monitors"}
        assert "crisis/playbooks/core.yaml" in packed.namelist()
        assert "crisis/web/static/desk.css" in packed.namelist()
    environment = tmp_path / "empty"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    _run(sys.executable, "-m", "venv", "--without-pip" if uv else "--clear", environment, cwd=tmp_path)
    python = environment / "bin" / "python"
    install = [uv, "pip", "install", "--quiet", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
    _run(*install, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=tmp_path)
    _run(*install, "--no-deps", wheel, cwd=tmp_path)
    said = _run(environment / "bin" / "crisis", "drill", cwd=tmp_path)
    assert "0 messages left the building" in said
    assert "the approved bytes: yes" in said
