"""Who may talk to the page: by raw sockets, since a browser would not even try."""

import json
import random
import socket

import pytest
from app_server import asked, served

pytest.importorskip("uvicorn", reason="the page needs pip install 'spinstack[app]'")
ConnectionClosed = pytest.importorskip("websockets.exceptions").ConnectionClosed


@pytest.fixture(scope="module")
def page():
    with served("--fresh", "--users", "2") as one:
        yield one


def answer(page, text):
    with socket.create_connection(("127.0.0.1", int(page.port)), timeout=20) as raw:
        raw.sendall(text.encode("latin-1"))
        return raw.recv(65536).decode("latin-1")


def opening(page, host=None, origin="ours", token=None, protocols=None):
    lines = [
        "GET /socket HTTP/1.1", f"Host: {page.host if host is None else host}", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ]  # fmt: skip
    if origin is not None:
        lines.append(f"Origin: {f'http://{page.host}' if origin == 'ours' else origin}")
    words = f"spinstack, token.{page.token if token is None else token}" if protocols is None else protocols
    if words:
        lines.append(f"Sec-WebSocket-Protocol: {words}")
    return "\r\n".join([*lines, "", ""])


def test_its_own_page_opens_a_socket(page):
    found = answer(page, opening(page))
    assert found.startswith("HTTP/1.1 101")
    assert "token" not in found.lower()


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "example.com"},
        {"host": "evil.example:80"},
        {"host": "127.0.0.1"},
        {"host": "localhost.example.com:1"},
        {"origin": "http://example.com"},
        {"origin": "https://127.0.0.1"},
        {"origin": "null"},
        {"origin": "file://"},
        {"origin": None},
        {"origin": ""},
        {"token": "wrong"},
        {"token": ""},
        {"protocols": ""},
        {"protocols": "spinstack"},
        {"protocols": "token.x"},
    ],
)
def test_anything_else_is_refused(page, changes):
    assert not answer(page, opening(page, **changes)).startswith("HTTP/1.1 101")
    assert answer(page, opening(page)).startswith("HTTP/1.1 101")


def test_an_origin_on_another_port_is_foreign(page):
    assert not answer(page, opening(page, origin=f"http://127.0.0.1:{int(page.port) + 1}")).startswith("HTTP/1.1 101")


@pytest.mark.parametrize("host", ["example.com", "", "127.0.0.1:1", "localhost"])
def test_pages_are_given_to_our_host_alone(page, host):
    found = answer(page, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert " 421 " in found.split("\r\n")[0] or " 400 " in found.split("\r\n")[0]


def test_a_page_has_a_strict_policy_and_no_cross_origin_rights(page):
    found = answer(page, f"GET / HTTP/1.1\r\nHost: {page.host}\r\nConnection: close\r\n\r\n").lower()
    assert found.startswith("http/1.1 200")
    assert "content-security-policy: default-src 'none'" in found
    assert "frame-ancestors 'none'" in found
    assert "unsafe" not in found
    assert "access-control" not in found
    assert page.token.lower() not in found


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_reading_is_allowed(page, method):
    found = answer(page, f"{method} / HTTP/1.1\r\nHost: {page.host}\r\nConnection: close\r\n\r\n")
    assert " 405 " in found.split("\r\n")[0]


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/page.css/", "/%2e%2e/guard.py", "/uplot/", "/..%5cguard.py", "//etc/passwd"]
)
def test_nothing_but_the_files_of_the_page_is_given(page, path):
    found = answer(page, f"GET {path} HTTP/1.1\r\nHost: {page.host}\r\nConnection: close\r\n\r\n")
    assert " 404 " in found.split("\r\n")[0]


def test_fuzzed_messages_are_refused_and_the_session_goes_on(page):
    rng = random.Random(3)
    words = [
        "set",
        "hold",
        "add",
        "undo",
        "view",
        "overlay",
        "upload",
        "ask",
        "export",
        "fit_start",
        "model",
        "magnets",
        "couple",
        "compare",
        "compare_earlier",
        "relabel",
        "uncompare",
        "stop",
        "go_on",
        "nothing",
        "__class__",
    ]
    values = [
        None,
        True,
        -1,
        1e308,
        "x" * 50,
        [],
        {},
        [[["film", 0, "thickness"], "5 nm"]],
        {"a": [{}]},
        "\0",
        "../../x",
        [["film"] * 20],
    ]
    names = [
        "values",
        "place",
        "elements",
        "name",
        "options",
        "word",
        "table",
        "changes",
        "steps",
        "part",
        "parts",
        "what",
        "tables",
        "text",
        "label",
        "index",
        "panel",
    ]
    with page.socket() as one:
        assert asked(one, "hello")["do"] == "done"
        for _ in range(200):
            kind = rng.randrange(5)
            if kind == 0:
                one.send("".join(chr(rng.randrange(32, 0x2FFF)) for _ in range(rng.randrange(80))))
            elif kind == 1:
                one.send(bytes(rng.randrange(256) for _ in range(rng.randrange(60))))
            elif kind == 2:
                one.send("[" * rng.randrange(1, 3000))
            else:
                told = {"do": rng.choice(words), "id": rng.choice([1, "a", None, 2**70]),
                        **{rng.choice(names): rng.choice(values) for _ in range(rng.randrange(4))}}  # fmt: skip
                one.send(json.dumps(told))
        assert asked(one, "new", template="bilayer")["do"] == "done"
        found = asked(one, "set", values=[[["film", 0, "thickness"], "-1 nm"]])
        assert found["do"] == "refused"
        assert "thickness" in found["problem"]["message"]


def test_a_message_that_is_too_long_ends_that_tab_alone(page):
    with page.socket() as one, page.socket() as other:
        one.send("x" * 3_000_000)
        with pytest.raises(ConnectionClosed):
            one.recv(timeout=20)
        assert asked(other, "hello")["do"] == "done"


def test_each_user_has_sessions_of_their_own(page):
    with page.socket() as one:
        mine = asked(one, "hello")["found"]["session"]
        asked(one, "new", template="bilayer")
    with page.socket() as again:
        assert asked(again, "hello", session=mine)["found"]["session"] == mine
        assert asked(again, "undo")["do"] == "done"
