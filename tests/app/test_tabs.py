"""Several tabs of one session, and commands beside a long export."""

import asyncio
import json
import threading

from spinstack.app import commands, connection, export
from spinstack.app.session import Sessions, State
from spinstack.samples.starter import starter

assert commands.session  # loaded, so that tabs have commands
FILM = starter("bilayer", "film")
THICKNESS = ["film", 0, "thickness"]


class Page:
    """A socket without a browser."""

    def __init__(self):
        self.inbox, self.said = asyncio.Queue(), []

    async def receive(self):
        told = await self.inbox.get()
        return {"type": "websocket.disconnect"} if told is None else {"type": "x", "text": json.dumps(told)}

    async def send_bytes(self, message):
        self.said.append(json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")]))

    async def ask(self, name, **values):
        number = len(self.said) + 1000
        self.inbox.put_nowait({"do": name, "id": number, **values})
        return await self.until(lambda m: m.get("id") == number)

    async def until(self, wanted):
        for _ in range(600):
            for told in self.said:
                if wanted(told):
                    return told
            await asyncio.sleep(0.02)
        raise AssertionError([m["do"] for m in self.said])


def tabs(count, run, token="key"):
    """Run something with so many tabs of one key, open until it ends."""

    async def whole():
        sessions = Sessions(State(FILM))
        pages = [Page() for _ in range(count)]
        tasks = [asyncio.create_task(connection.Connection(p, sessions, token).run()) for p in pages]
        try:
            await run(*pages)
        finally:
            for one in pages:
                one.inbox.put_nowait(None)
            await asyncio.gather(*tasks)
        assert all(s.tabs == [] for s in sessions.open[token].values())

    asyncio.run(whole())


def thickness(state):
    return state["page"]["elements"][0]["thickness"]


def test_tabs_of_one_session_hear_of_each_other_at_once_and_others_do_not():
    async def run(one, two, other):
        session = (await one.ask("hello"))["found"]["session"]
        assert (await two.ask("hello", session=session))["found"]["session"] == session
        await other.ask("hello")
        await one.ask("set", values=[[THICKNESS, "7 nm"]])
        told = await two.until(lambda m: m["do"] == "state" and thickness(m) == 7e-9)
        await two.until(lambda m: m["do"] == "panel" and m["version"] == told["version"])
        await two.ask("undo")
        await one.until(lambda m: m["do"] == "state" and m["version"] > told["version"] and not m["canUndo"])
        await one.ask("hold", values=[[THICKNESS, "9 nm"]])
        held = await two.until(lambda m: m["do"] == "held")
        await two.until(lambda m: m["do"] == "panel" and m["version"] == held["version"])
        assert not any(m["do"] == "state" and thickness(m) == 7e-9 for m in other.said)

    tabs(3, run)


def test_a_tab_that_is_closed_hears_nothing_more():
    async def run(one, two):
        session = (await one.ask("hello"))["found"]["session"]
        await two.ask("hello", session=session)
        two.inbox.put_nowait(None)
        await asyncio.sleep(0.1)
        heard = len(two.said)
        await one.ask("set", values=[[THICKNESS, "7 nm"]])
        await asyncio.sleep(0.1)
        assert len(two.said) == heard

    tabs(2, run)


def test_other_commands_are_done_beside_a_long_export_which_is_of_the_film_as_it_was(monkeypatch):
    go, made = threading.Event(), export.made

    def slow(*given):
        assert go.wait(20)
        return made(*given)

    monkeypatch.setattr(export, "made", slow)

    async def run(one):
        await one.ask("hello")
        one.inbox.put_nowait({"do": "export", "id": 1, "what": "sample"})
        one.inbox.put_nowait({"do": "export", "id": 2, "what": "nothing", "panel": "x"})
        await one.ask("set", values=[[THICKNESS, "7 nm"]])
        await one.ask("undo")
        assert not any(m.get("id") in (1, 2) for m in one.said)
        go.set()
        await one.until(lambda m: m.get("id") == 1)
        refused = await one.until(lambda m: m.get("id") == 2)
        assert refused["do"] == "refused"
        order = [m.get("id") if m["do"] != "file" else "file" for m in one.said]
        assert order.index("file") < order.index(1) < order.index(2)
        assert next(m for m in one.said if m["do"] == "file")["bytes"] == len(FILM.encode())

    tabs(1, run)
