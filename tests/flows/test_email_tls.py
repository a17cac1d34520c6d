"""Mail at port 465: encrypted from the first byte (RFC 8314), and only to a server that proves its name."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crisis.channels import email
from crisis.channels.message import ChannelFailed
from tests.fakes import Mailbox, mail_server
from tests.flows.test_email import MESSAGE

# All of 127.0.0.0/8 is this machine: addresses of its own per process, so that tests side by side find 465 free.
HOST, OTHER_NAME, PLAIN = (f"127.{2 + index}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}" for index in range(3))


def _lacking(sentence: str) -> None:
    """Where everything must be there, tests are not left out unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a mail server in one file: made for this run, signed by nobody else."""
    if shutil.which("openssl") is None:
        _lacking("the program openssl is needed to make a throwaway certificate")
    try:
        socket.create_server((HOST, email.IMPLICIT_TLS)).close()
    except OSError as error:
        _lacking(f"port {email.IMPLICIT_TLS} cannot be opened here: {error.strerror}")
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=mail.starhearth.example", "-addext", f"subjectAltName=IP:{HOST}"]
    made = subprocess.run([*command, *names, "-keyout", "-"], check=True, capture_output=True)
    file.write_bytes(made.stdout)
    return file


@pytest.fixture(scope="module")
def mailbox(certificate: Path) -> Iterator[Mailbox]:
    with mail_server(HOST, email.IMPLICIT_TLS, certificate=certificate) as found:
        yield found


def send(smtp: dict[str, Any], **more: Any) -> object:
    with email.Post(**more) as post:
        return email.send(
            MESSAGE, to_name="夜班", to="night@paper.example", smtp=smtp, before_data=lambda: None, post=post
        )


def at(host: str) -> dict[str, Any]:
    return {"host": host, "port": email.IMPLICIT_TLS, "sender": "press@starhearth.example"}


def trusting(certificate: Path) -> dict[str, Any]:
    return {"trust": lambda: ssl.create_default_context(cafile=str(certificate))}


def test_a_mail_goes_through_a_server_that_speaks_tls_at_once(mailbox: Mailbox, certificate: Path) -> None:
    mailbox.taken.clear()

    send(at(HOST), **trusting(certificate))

    assert [mail["subject"] for mail in mailbox.taken] == ["致公众"]


def test_the_first_byte_at_port_465_is_that_of_a_handshake_and_who_answers_it_otherwise_gets_nothing(
    certificate: Path,
) -> None:
    heard: list[bytes] = []

    def greet_in_the_clear() -> None:
        connection, _ = listening.accept()
        with connection:
            heard.append(connection.recv(1))
            connection.sendall(b"220 mail.starhearth.example ESMTP\r\n")
            heard.append(connection.recv(65536))

    with socket.create_server((PLAIN, email.IMPLICIT_TLS)) as listening:
        thread = threading.Thread(target=greet_in_the_clear)
        thread.start()
        with pytest.raises(ChannelFailed) as failed:
            send(at(PLAIN), **trusting(certificate))
        thread.join()

    # RFC 8446, 5.1: a record of type 22 is a handshake.
    assert heard[0] == bytes([22])
    assert b"EHLO" not in heard[1] and b"MAIL" not in heard[1]
    assert str(failed.value) == email.NO_TLS


def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_said(mailbox: Mailbox) -> None:
    mailbox.taken.clear()
    mailbox.connections = 0

    with pytest.raises(ChannelFailed) as failed:
        send(at(HOST))

    assert str(failed.value) == email.UNPROVEN
    assert (mailbox.connections, mailbox.taken) == (0, [])


def test_a_certificate_for_another_name_is_refused_and_nothing_is_said(certificate: Path) -> None:
    with (
        mail_server(OTHER_NAME, email.IMPLICIT_TLS, certificate=certificate) as elsewhere,
        pytest.raises(ChannelFailed) as failed,
    ):
        send(at(OTHER_NAME), **trusting(certificate))

    assert str(failed.value) == email.UNPROVEN
    assert (elsewhere.connections, elsewhere.taken) == (0, [])
