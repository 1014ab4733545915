"""`…/settings`: all of an application but its type, edited. Nobody overwrites unseen what another changed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.filled import Filled
from scopekeeper.console.applications.form import form_facts
from scopekeeper.console.applications.meanwhile import Meanwhile, meanwhile, merged
from scopekeeper.console.applications.shown_once import shown_next
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.naming import Names
from scopekeeper.console.numbers import number_of
from scopekeeper.console.scopes import Picker
from scopekeeper.console.telling import who
from scopekeeper.oauth.applications import Changes, Unfit
from scopekeeper.oauth.records import Client
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.selection import selection_of
from scopekeeper.services.ports import Stale
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/{{client_id}}/settings"


def rooms(desk: Desk) -> Sequence[Room]:
    """The form, what it does, and the switch that shuts an application out."""

    picker = Picker.of(desk.catalogue, desk.docs.operations)

    async def show(call: Call) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        filled = Filled.of_client(client)
        if "scope" in call.query:  # the Scope Visualizer sends what is selected there
            filled = replace(filled, scope=selection_of(call.query.all("scope"), desk.catalogue).scopes)
        return _form(call, client, filled)

    async def change(call: Call) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        filled, revision = Filled.of_edit(call.form, client), number_of(call.form.one("revision"))
        try:
            changes = filled.changes()
            done = await desk.applications.change(
                client.client_id, changes, call.actor, call.address, revision=revision
            )
        except Unfit as unfit:
            return _form(call, client, filled, unfit, revision=revision)
        except Stale:
            client = await desk.applications.get(client.client_id)
            others = await _named(await meanwhile(desk.log, client, revision, filled))
            return _form(call, client, merged(filled, others, client), others=others)
        if done.client_secret is not None:
            return shown_next(desk, call, done, "confidential")
        return sent_on(f"{HERE}/{client.client_id}?note=saved")

    async def _named(others: Meanwhile) -> Meanwhile:
        """The same, with names of people in place of the log's."""
        names = Names(desk.applications, desk.accounts)
        return replace(others, who=tuple([(await who(each, names)).text for each in others.who]))

    def _form(
        call: Call,
        client: Client,
        filled: Filled,
        unfit: Unfit | None = None,
        revision: int | None = None,
        others: Meanwhile | None = None,
    ) -> Reply:
        facts = form_facts(desk, filled, unfit)
        facts |= {
            "client": client,
            "revision": client.revision if revision is None else revision,
            "others": others,
            "picker": picker,
        }
        if client.built_in:
            facts["wide"] = ""  # each of its tokens is narrower, and only administrators get one
        return desk.sheets(call, "applications_settings.html", facts, 409 if others else 422 if unfit else 200)

    async def switch(call: Call) -> Reply:
        client_id, enabling = call.path["client_id"], call.form.one("act") == "enable"
        client = await desk.applications.get(client_id)
        if client.enabled != enabling:
            await desk.applications.change(client_id, Changes(enabled=enabling), call.actor, call.address)
        return sent_on(f"{HERE}/{client_id}?note={'enabled' if enabling else 'disabled'}")

    return [
        Room("GET", PATH, show),
        Room("POST", PATH, change),
        Room("POST", f"{HERE}/{{client_id}}/state", switch),
    ]
