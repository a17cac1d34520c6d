"""Sources that lie with us, a folder and a mailbox: what they bring, what is kept as evidence, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crisis.core.sources import Dropped, Form, Source
from crisis.errors import Invalid, NotPermitted
from crisis.flows import sources as flow
from crisis.flows.sourceforms import NewSource
from crisis.jobs.forms import mailbox
from crisis.store import records
from crisis.store import sources as store
from monitors.health import State
from monitors.sources.mailbox import Place
from tests.flows.listened import articles, due_again, listen, source_now
from tests.world import World

# ---- folder


def folder_of(world: World, name: str = "press") -> tuple[Path, Source]:
    flow.add(world.desk, [NewSource(url=name, form=Form.FOLDER)], by=world.wu)
    with world.desk.reading() as db:
        (source,) = records.find(db, Source, form=Form.FOLDER)
    return world.desk.settings.inbox / name, source


def line(number: int, title: str = "星炉灶具爆炸，两人受伤", outlet: str = "温州日报") -> str:
    record = {"id": f"n{number}", "published": "2026-05-14T08:00:00+08:00", "source": outlet, "title": title}
    return json.dumps(record, ensure_ascii=False)


def test_files_of_a_folder_are_read_once_and_their_bytes_are_kept_as_evidence(world: World) -> None:
    folder, source = folder_of(world)
    (folder / "one.ndjson").write_text(f"{line(1)}\n", encoding="utf-8")

    listen(world.desk)
    due_again(world.desk, source)
    listen(world.desk)

    (article,) = articles(world.desk)
    assert article.outlet == "温州日报"
    with world.desk.reading() as db:
        assert article.evidence_id is not None
        kept = store.evidence_of(db, article.evidence_id)
    assert kept.body.decode() == f"{line(1)}\n"
    assert kept.hash == hashlib.sha256(kept.body).hexdigest()


def test_a_file_that_grew_brings_its_new_lines_only(world: World) -> None:
    folder, source = folder_of(world)
    file = folder / "log.ndjson"
    file.write_text(f"{line(1)}\n", encoding="utf-8")
    listen(world.desk)

    file.write_text(f"{line(1)}\n{line(2, '天气')}\n", encoding="utf-8")
    due_again(world.desk, source)
    listen(world.desk)

    assert [article.key for article in articles(world.desk)] == ["n1", "n2"]


def test_signs_that_no_database_takes_are_left_out_of_a_file(world: World) -> None:
    folder, _ = folder_of(world)
    record = {"id": "a\0b", "title": "星\0炉", "source": "晚\0报", "url": "https://a.example/\0", "lang": "z\0h"}
    (folder / "a.ndjson").write_text(f"{json.dumps(record)}\n{line(2)}\n", encoding="utf-8")
    (folder / "b.csv").write_text("id,title,source\nc\0,天气,日\0报\n", encoding="utf-8")

    listen(world.desk)

    assert {(article.key, article.title) for article in articles(world.desk)} >= {("ab", "星炉"), ("c", "天气")}
    assert len(articles(world.desk)) == 3


def test_a_large_file_is_taken_in_part_by_part(world: World) -> None:
    folder, _ = folder_of(world)
    rows = "\n".join(line(number, f"天气 {number}") for number in range(1201))
    (folder / "many.ndjson").write_text(rows, encoding="utf-8")

    listen(world.desk)

    assert len(articles(world.desk)) == 1201


def test_a_bad_file_stands_in_the_ledger_and_the_others_are_read(world: World) -> None:
    folder, source = folder_of(world)
    (folder / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "good.ndjson").write_text(f"{line(1)}\nnot json\n", encoding="utf-8")

    listen(world.desk)

    with world.desk.reading() as db:
        told = [dropped.why for dropped in records.find(db, Dropped, source_id=source.id)]
    assert len(told) == 2
    assert any("bad.csv" in why for why in told) and any("good.ndjson: line 2" in why for why in told)
    assert len(articles(world.desk)) == 1
    assert source_now(world.desk, source).health["state"] == State.OK


def test_a_folder_that_is_gone_fails_and_is_looked_for_again(world: World) -> None:
    folder, source = folder_of(world)
    folder.rmdir()

    listen(world.desk)

    after = source_now(world.desk, source)
    assert after.health["code"] == "no_folder"
    assert after.due_at > world.clock()


@pytest.mark.parametrize("path", ["..", "../..", "/etc", "press/../../secrets"])
def test_a_folder_outside_the_inbox_is_refused(world: World, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        flow.add(world.desk, [NewSource(url=path, form=Form.FOLDER)], by=world.wu)

    assert refused.value.code == "folder_outside"


def test_a_folder_that_was_turned_into_a_link_to_elsewhere_is_not_read(world: World, tmp_path: Path) -> None:
    folder, source = folder_of(world)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.ndjson").write_text(line(1), encoding="utf-8")
    folder.rmdir()
    folder.symlink_to(outside)

    listen(world.desk)

    assert articles(world.desk) == ()
    assert source_now(world.desk, source).health["code"] == "folder_outside"


def test_a_file_that_is_a_link_is_left_alone(world: World, tmp_path: Path) -> None:
    folder, _ = folder_of(world)
    (tmp_path / "private.ndjson").write_text(line(1), encoding="utf-8")
    os.symlink(tmp_path / "private.ndjson", folder / "a.ndjson")

    listen(world.desk)

    assert articles(world.desk) == ()


def test_two_articles_with_the_same_bytes_share_one_piece_of_evidence(world: World) -> None:
    folder, _ = folder_of(world)
    (folder / "a.ndjson").write_text(f"{line(1)}\n{line(2)}\n", encoding="utf-8")

    listen(world.desk)

    assert len({article.evidence_id for article in articles(world.desk)}) == 1


@pytest.mark.parametrize("form", [Form.FOLDER, Form.MAILBOX, Form.FEED])
def test_only_an_administrator_adds_a_source(world: World, form: Form) -> None:
    with pytest.raises(NotPermitted):
        flow.add(world.desk, [NewSource(url="press", form=form)], by=world.lin)


# ---- mailbox


class Mailserver:
    """A real server of these mails. `stalls_at` is the word of ours from which on it sends one byte in a twentieth of a
    second, of an answer that never ends."""

    def __init__(self, mails: list[bytes], *, stalls_at: str | None = None) -> None:
        self._mails = mails
        self._stalls_at = stalls_at.encode() if stalls_at else None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                with suppress(OSError), line:
                    self._say(line, b"* OK ready\r\n", b"greeting")
                    for said in line.makefile("rb"):
                        self._say(line, self._answer(*said.split(maxsplit=1)), said)

    def _say(self, line: socket.socket, answer: bytes, said: bytes) -> None:
        while self._stalls_at is not None and self._stalls_at in said:
            line.sendall(b"*")
            time.sleep(0.05)
        line.sendall(answer)

    def _answer(self, tag: bytes, said: bytes) -> bytes:
        answer = b""
        if said.startswith(b"CAPABILITY"):
            answer = b"* CAPABILITY IMAP4rev1\r\n"
        elif said.startswith(b"EXAMINE"):
            answer = b"* %d EXISTS\r\n* OK [UIDVALIDITY 42] valid\r\n" % len(self._mails)
        elif said.startswith(b"UID SEARCH"):
            answer = b"* SEARCH " + b" ".join(b"%d" % (place + 1) for place in range(len(self._mails))) + b"\r\n"
        elif said.startswith(b"UID FETCH"):
            number = int(said.split()[2])
            raw = self._mails[number - 1]
            answer = b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, number, len(raw), raw)
        return answer + tag + b" OK done\r\n"

    def close(self) -> None:
        self._socket.close()


def mail(number: int, subject: str) -> bytes:
    return (
        f"From: Wire <wire@news.example>\nSubject: {subject}\nMessage-ID: <{number}@news.example>\n"
        "Date: Thu, 14 May 2026 08:30:00 +0800\nContent-Type: text/plain; charset=utf-8\n\n"
        f"Report number {number}.\n"
    ).encode()


def mailbox_of(world: World, **changes: object) -> Source:
    secrets = world.desk.settings.home / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "wire").write_text("kettle\n", encoding="utf-8")
    options = {"host": "mail.example", "user": "press", "password_file": "wire"} | changes
    flow.add(world.desk, [NewSource(form=Form.MAILBOX, options=options, name="Wire")], by=world.wu)
    with world.desk.reading() as db:
        (source,) = records.find(db, Source, form=Form.MAILBOX)
    return source


def test_mails_are_read_once_and_each_is_its_evidence(world: World) -> None:
    mails = [mail(1, "Starhearth recalls a stove after two were injured")]
    with closing(Mailserver(mails)) as server:
        source = mailbox_of(world, host="127.0.0.1", port=server.port, tls="none")

        listen(world.desk)
        mails.append(mail(2, "Starhearth: weather"))
        due_again(world.desk, source)
        listen(world.desk)

    first, second = articles(world.desk)
    assert first.title == "Starhearth recalls a stove after two were injured"
    assert second.title == "Starhearth: weather"
    with world.desk.reading() as db:
        assert first.evidence_id is not None
        assert store.evidence_of(db, first.evidence_id).body == mails[0]
        assert store.kept(db, [source.id])[source.id]["last_uid"] == 2


def test_a_mailbox_whose_host_does_not_answer_fails_with_a_code(world: World) -> None:
    source = mailbox_of(world, host="127.0.0.1", port="9", tls="none")

    listen(world.desk)

    assert source_now(world.desk, source).health["code"] in ("no_connection", "too_slow")


@pytest.mark.parametrize("stalls_at", ["greeting", "LOGIN", "EXAMINE", "SEARCH"])
def test_a_mail_server_that_drips_is_left_after_a_while(world: World, stalls_at: str) -> None:
    with closing(Mailserver([mail(1, "a"), mail(2, "b")], stalls_at=stalls_at)) as server:
        source = mailbox_of(world, host="127.0.0.1", port=server.port, tls="none")

        with pytest.raises(Exception, match="too_slow"):
            mailbox.new_mails(source, world.desk.settings, Place(), longest_s=0.5)


def test_the_mails_that_came_before_a_server_stalled_are_read(world: World) -> None:
    with closing(Mailserver([mail(1, "a"), mail(2, "b")], stalls_at="FETCH 2")) as server:
        source = mailbox_of(world, host="127.0.0.1", port=server.port, tls="none")

        found = mailbox.new_mails(source, world.desk.settings, Place(), longest_s=0.5)

    assert [(place.last_uid, raw) for place, raw in found] == [(1, mail(1, "a"))]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password_file": "/etc/passwd"}, "password_file"),
        ({"password_file": "../desk.sqlite"}, "password_file"),
        ({"password_file": ""}, "password_file"),
        ({"tls": "none"}, "tls"),
        ({"host": ""}, "host"),
        ({"port": "0"}, "port"),
        ({"user": ""}, "user"),
    ],
)
def test_a_mailbox_that_cannot_be_used_is_refused_at_its_field(
    world: World, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        mailbox_of(world, **changes)

    assert refused.value.field == field
