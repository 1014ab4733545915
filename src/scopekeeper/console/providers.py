"""`/console/providers`: the other OpenID providers at which people may sign in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.commands import cli
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.oauth.applications import UNSET, Unfit
from scopekeeper.oauth.relying.registration import SCOPE, UpstreamChanges, UpstreamDraft
from scopekeeper.oauth.relying.request import redirect_uri_of
from scopekeeper.oauth.upstreams import Upstream
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Stale, Taken
from scopekeeper.wire import Reply

PATH: Final = "/console/providers"
NEW: Final = "/console/new-provider"
"""Not below PATH, where a provider may be called anything."""

_LARGEST: Final = 19
"""Digits of the largest number that a form may hold."""


@dataclass(frozen=True, slots=True)
class ProviderPages:
    """The pages of providers."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """All of them, by label."""
        facts = {
            "providers": await self.desk.upstreams.all(),
            "done": call.query.one("done"),
            "cli": cli("upstream", "list"),
        }
        return self.desk.sheets(call, "providers.html", facts)

    async def new(self, call: Call) -> Reply:
        """The form of a new one."""
        return self._form(call, {})

    async def add(self, call: Call) -> Reply:
        """A new one, which is asked at once what it is."""
        form = call.form
        draft = UpstreamDraft(
            form.one("name"),
            form.one("issuer").strip(),
            form.one("client_id").strip(),
            form.one("label"),
            form.one("scope"),
            link_by_email="link_by_email" in form,
        )
        secret = form.one("client_secret").strip() or None
        try:
            upstream = await self.desk.upstreams.add(draft, secret, call.actor, call.address)
        except Unfit as unfit:
            return self._form(call, {unfit.field: _sentence(unfit)})
        except Taken:
            return self._form(call, {"name": "There is a provider of this name already."})
        return sent_on(f"{PATH}/{upstream.name}?done=added")

    async def one(self, call: Call) -> Reply:
        """One of them."""
        return await self._one(call, await self.desk.upstreams.get(call.path["name"]), {})

    async def change(self, call: Call) -> Reply:
        """Its label, our credentials there, and whom it may be taken for. An empty secret is the one that is kept."""
        form, secret = call.form, call.form.one("client_secret").strip()
        public = "public" in form
        changes = UpstreamChanges(
            client_id=form.one("client_id").strip(),
            client_secret=None if public else secret or UNSET,
            label=form.one("label"),
            scope=form.one("scope"),
            link_by_email="link_by_email" in form,
        )
        return await self._edited(call, changes, "changed")

    async def enable(self, call: Call) -> Reply:
        """People may sign in there again."""
        return await self._edited(call, UpstreamChanges(enabled=True), "enabled")

    async def disable(self, call: Call) -> Reply:
        """Nobody signs in there any more, until it is enabled."""
        return await self._edited(call, UpstreamChanges(enabled=False), "disabled")

    async def ask(self, call: Call, *, wrong: bool = False) -> Reply:
        """What goes when it is removed?"""
        upstream = await self.desk.upstreams.get(call.path["name"])
        facts = {"here": PATH, "provider": upstream, "wrong": wrong}
        return self.desk.sheets(call, "provider_remove.html", facts, 422 if wrong else 200)

    async def remove(self, call: Call) -> Reply:
        """It is forgotten, and whom it knows."""
        name = call.path["name"]
        if call.form.one("typed").strip() != name:
            return await self.ask(call, wrong=True)
        await self.desk.upstreams.remove(name, call.actor, call.address)
        return sent_on(f"{PATH}?done=removed")

    async def _edited(self, call: Call, changes: UpstreamChanges, done: str) -> Reply:
        name, revision = call.path["name"], _number(call.form.one("revision"))
        try:
            await self.desk.upstreams.edit(name, changes, call.actor, call.address, revision=revision)
        except Unfit as unfit:
            return await self._one(call, await self.desk.upstreams.get(name), {unfit.field: _sentence(unfit)})
        except Stale:
            return sent_on(f"{PATH}/{name}?done=stale")
        return sent_on(f"{PATH}/{name}?done={done}")

    async def _one(self, call: Call, upstream: Upstream, errors: Mapping[str, str]) -> Reply:
        kept = {
            "label": (upstream.label,),
            "client_id": (upstream.client_id,),
            "scope": (" ".join(upstream.scope),),
            **({"link_by_email": ("on",)} if upstream.link_by_email else {}),
        }
        facts = {
            "here": PATH,
            "provider": upstream,
            "redirect_uri": redirect_uri_of(self.desk.issuer, upstream.name),
            "typed": call.form if errors else Fields(kept),
            "errors": errors,
            "done": call.query.one("done"),
            "cli": cli("upstream", "show", upstream.name),
        }
        return self.desk.sheets(call, "provider.html", facts, 422 if errors else 200)

    def _form(self, call: Call, errors: Mapping[str, str]) -> Reply:
        facts = {
            "here": PATH,
            "address": NEW,
            "typed": call.form if errors else Fields({"scope": (SCOPE,)}),
            "errors": errors,
            "redirect_uri": redirect_uri_of(self.desk.issuer, "NAME"),
        }
        return self.desk.sheets(call, "provider_new.html", facts, 422 if errors else 200)


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/providers`."""
    page = ProviderPages(desk)
    return (
        Room("GET", PATH, page.list),
        Room("GET", NEW, page.new),
        Room("POST", NEW, page.add),
        Room("GET", f"{PATH}/{{name}}", page.one),
        Room("POST", f"{PATH}/{{name}}/change", page.change),
        Room("POST", f"{PATH}/{{name}}/enable", page.enable),
        Room("POST", f"{PATH}/{{name}}/disable", page.disable),
        Room("GET", f"{PATH}/{{name}}/remove", page.ask),
        Room("POST", f"{PATH}/{{name}}/remove", page.remove),
    )


def _sentence(unfit: Unfit) -> str:
    return f"{str(unfit)[:1].upper()}{str(unfit)[1:]}."


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LARGEST else -1
