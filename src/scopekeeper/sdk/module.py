"""An API module: a name, its words, its operations and its tables. A declaration that cannot stand stops the start."""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeVar

from scopekeeper.scopes import APIS, Access, Declared
from scopekeeper.sdk.caller import Caller
from scopekeeper.sdk.declaring import DeclarationError, Said, require_sign_in
from scopekeeper.sdk.intake import Format, Intake
from scopekeeper.sdk.operation import Argument, Operation
from scopekeeper.sdk.paging import Page, Paging
from scopekeeper.sdk.record import Patch
from scopekeeper.sdk.table import OnRemoval, Table

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
R = TypeVar("R")

_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,62}")
_FIELD: Final = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
_ROUTE: Final = re.compile(
    r"(GET|POST|PUT|PATCH|DELETE) (/(?:[a-z0-9\-]+|\{[a-z_]+\})?(?:/(?:[a-z0-9\-]+|\{[a-z_]+\}))*/?)"
)
_METHODS: Final[Mapping[Access, tuple[str, ...]]] = {"read": ("GET",), "write": ("POST", "PUT", "PATCH", "DELETE")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people read of one resource of a module: "See the audit log"."""

    read: str = ""
    write: str = ""


class ApiModule:
    """What one module of the API offers.

        api = ApiModule("callforward", title="Call Forward", read="See where calls go", write="Change where calls go")

    `name` is the module's part of a scope; `title`, `read` and `write` are the words on the consent page and in the
    Scope Visualizer, `resources` those of the scopes of one resource.
    """

    def __init__(
        self, name: str, *, title: str, read: str, write: str, resources: Mapping[str, Words] | None = None
    ) -> None:
        if _NAME.fullmatch(name) is None:
            raise DeclarationError(f"the module name {name!r} is not of the form [a-z][a-z0-9]*")
        self.name: Final = name
        self.title: Final = title
        self.words: Final = _by_access(read, write)
        self._of_resource: Final[Mapping[tuple[str, Access], str]] = {
            (resource, access): said
            for resource, words in (resources or {}).items()
            for access, said in _by_access(words.read, words.write).items()
            if said
        }
        self.operations: Final[list[Operation]] = []
        self.tables: Final[list[Table[Any]]] = []
        self.intakes: Final[list[Intake[Any]]] = []

    def table(
        self,
        record: type[R],
        *,
        key: str,
        owner: str | tuple[str, ...] | None = None,
        refers: Mapping[str, tuple[str, OnRemoval]] | None = None,
        indexes: Sequence[tuple[str, ...]] = (),
        name: str | None = None,
    ) -> Table[R]:
        """Describe a table of this module. The first needs no name: it bears the module's; others are `module.name`."""
        full = self.name if name is None else f"{self.name}.{name}"
        if any(table.name == full for table in self.tables):
            raise DeclarationError(f"{self.name}: two tables are named {full!r}; give the second a name of its own")
        try:
            made = Table(record, key, owner, dict(refers or {}), full, tuple(indexes))
        except TypeError as wrong:
            raise DeclarationError(f"{self.name}: {wrong}") from wrong
        self.tables.append(made)
        return made

    def intake(self, table: Table[R], formats: Mapping[str, Format[R]], owners: Mapping[str, tuple[str, str]]) -> None:
        """Say from which formats of files records of a table can be taken in, and whose they are (see `Intake`)."""
        self.intakes.append(Intake(table, formats, owners))

    def read(
        self,
        route: str,
        *,
        field: str,
        of: Table[Any] | str | None = None,
        system: bool = False,
        resource: str | None = None,
        deprecated: str = "",
        max_age: int | None = None,
        acr: tuple[str, ...] = (),
    ) -> Callable[[F], F]:
        """Declare an operation that reads: `GET`, a field of Query, the scope `…:read`.

        `deprecated` says why it should not be used any more, and what to use in its place. It goes on working; both
        descriptions and the documentation tell of it.

        `max_age` (seconds) and `acr` (names, one of which is to be reached) say of which sign-in a person's token must
        be (RFC 9470). Others are answered 401 and told what to ask for; tokens in nobody's name pass.
        """
        return self._declare(Said("read", route, field, of, system, resource, (), deprecated, max_age, acr))

    def write(
        self,
        route: str,
        *,
        field: str,
        of: Table[Any] | str | None = None,
        system: bool = False,
        resource: str | None = None,
        gives: Sequence[str] = (),
        deprecated: str = "",
        max_age: int | None = None,
        acr: tuple[str, ...] = (),
    ) -> Callable[[F], F]:
        """Declare an operation that writes: any other method, a field of Mutation, the scope `…:write`.

        `gives` names the fields of its answer that the write itself makes, such as a new secret: they are shown to
        whoever may write, like the key. Never name one that could be read elsewhere. `deprecated`, `max_age` and `acr`
        are as with `read`.
        """
        return self._declare(Said("write", route, field, of, system, resource, tuple(gives), deprecated, max_age, acr))

    def declared(self) -> tuple[Declared, ...]:
        """What the operations say of their scopes, from which the catalogue is made.

        Raises DeclarationError for the words of a resource that no operation bears.
        """
        borne = {(each.resource, each.access) for each in self.operations}
        for resource, access in self._of_resource:
            if (resource, access) not in borne:
                raise DeclarationError(f"{self.name}: no operation that {access}s bears the resource {resource!r}")
        return tuple(
            Declared(
                api,
                self.name,
                self.title,
                each.access,
                each.resource,
                self.words[each.access],
                self._of_resource.get((each.resource or "", each.access), ""),
            )
            for each in self.operations
            for api in APIS
        )

    def _declare(self, said: Said) -> Callable[[F], F]:
        def register(run: F) -> F:
            self.operations.append(self._operation(said, run))
            return run

        return register

    def _operation(self, said: Said, run: Callable[..., Awaitable[Any]]) -> Operation:
        access, route, field, of, resource = said.access, said.route, said.field, said.of, said.resource
        where = f"{self.name}: {run.__name__} ({route})"
        match = _ROUTE.fullmatch(route)
        if match is None:
            raise DeclarationError(f"{where}: a route is a method and a path, such as 'GET /users/{{extension}}'")
        method, path = match.groups()
        if method not in _METHODS[access]:
            raise DeclarationError(f"{where}: an operation that {access}s cannot sit on {method}")
        if _FIELD.fullmatch(field) is None:
            raise DeclarationError(f"{where}: the GraphQL field {field!r} is not camelCase")
        if resource is not None and _NAME.fullmatch(resource) is None:
            raise DeclarationError(f"{where}: the resource {resource!r} is not of the form [a-z][a-z0-9]*")
        if of is None and not said.system:
            raise DeclarationError(
                f"{where}: say whose data it touches: of=… (a table or a path parameter), or system=True"
            )
        require_sign_in(where, said.max_age, said.acr)
        description = inspect.getdoc(run)
        if not description:
            raise DeclarationError(f"{where}: it needs a docstring, which is its documentation")
        for other in self.operations:
            if (other.method, _shape(other.path)) == (method, _shape(path)):
                raise DeclarationError(f"{where}: the route is taken by {other.name}")
            if other.field == field:
                raise DeclarationError(f"{where}: the GraphQL field {field!r} is taken by {other.name}")
        path_names = re.findall(r"\{([a-z_]+)\}", path)
        path_arguments, query_arguments, body, patch, paged = _parameters(where, run, path_names)
        if method != "POST" and (body is not None) != (method in ("PUT", "PATCH")):
            raise DeclarationError(f"{where}: PUT and PATCH take a `body`, POST may, the others do not")
        if patch != (method == "PATCH"):
            raise DeclarationError(f"{where}: a PATCH takes a body of type Patch[…], and nothing else does")
        returns = _returned(where, run, paged)
        for name in said.gives:
            if name not in {each.name for each in fields(returns)}:
                raise DeclarationError(f"{where}: it gives {name!r}, which is no field of {returns.__name__}")
        return Operation(
            module=self.name,
            access=access,
            method=method,
            path=path,
            field=field,
            run=run,
            title=description.partition("\n")[0].rstrip("."),
            description=description,
            resource=resource,
            system=said.system,
            of=of,
            owner_table=self._owner_table(where, of, path_names) if isinstance(of, str) else None,
            path_arguments=path_arguments,
            query_arguments=query_arguments,
            body=body,
            patch=patch,
            paged=paged,
            returns=returns,
            key=self._key(returns, path_names),
            gives=said.gives,
            deprecated=said.deprecated,
            max_age=said.max_age,
            acr=said.acr,
        )

    def _owner_table(self, where: str, of: str, path_names: list[str]) -> str | None:
        """The table in which the path parameter `of` is looked up: the one referred to by that field, or keyed by it.

        None where no table of this module knows the name: then another module's table keyed by it is meant, which is
        looked for when all modules are there.
        """
        if of not in path_names:
            raise DeclarationError(f"{where}: of={of!r} is no path parameter")
        for table in self.tables:
            if of in table.refers:
                return table.refers[of][0]
            if of == table.key:
                return table.name
        return None

    def _key(self, returns: Any, path_names: list[str]) -> tuple[str, ...]:
        names = [each.name for each in fields(returns)]
        for table in self.tables:  # what is answered is what is kept, or a part of it
            if table.key in names and {each.name for each in fields(table.record)}.issuperset(names):
                return (table.key,)
        return tuple(name for name in names if name in path_names)


def _by_access(read: str, write: str) -> Mapping[Access, str]:
    return {"read": read, "write": write}


def _shape(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "{}", path)


def _parameters(
    where: str, run: Callable[..., Awaitable[Any]], path_names: list[str]
) -> tuple[tuple[Argument, ...], tuple[Argument, ...], Any | None, bool, bool]:
    hints = typing.get_type_hints(run, include_extras=True)
    parameters = list(inspect.signature(run).parameters.values())
    if not parameters or hints.get(parameters[0].name) is not Caller:
        raise DeclarationError(f"{where}: its first parameter is `caller: Caller`")
    path: dict[str, Argument] = {}
    query: list[Argument] = []
    body: Any | None = None
    patch = paged = False
    for parameter in parameters[1:]:
        name, type_ = parameter.name, hints.get(parameter.name)
        if type_ is None:
            raise DeclarationError(f"{where}: the parameter {name!r} needs a type")
        if type_ is Paging:
            if name != "paging":
                raise DeclarationError(f"{where}: its Paging is called `paging`")
            paged = True
        elif name == "body":
            patch = typing.get_origin(type_) is Patch
            body = typing.get_args(type_)[0] if patch else type_
            if not is_dataclass(body):
                raise DeclarationError(f"{where}: its body is a @record, or Patch[…] of one")
        elif name in path_names:
            path[name] = Argument(name, type_, required=True)
        else:
            has_default = parameter.default is not inspect.Parameter.empty
            query.append(
                Argument(name, type_, required=not has_default, default=parameter.default if has_default else None)
            )
    if list(path) != [name for name in path_names if name in path] or set(path) != set(path_names):
        raise DeclarationError(f"{where}: the path parameters {path_names} are its parameters too, in the same order")
    return tuple(path.values()), tuple(query), body, patch, paged


def _returned(where: str, run: Callable[..., Awaitable[Any]], paged: bool) -> Any:
    returns = typing.get_type_hints(run, include_extras=True).get("return")
    if (typing.get_origin(returns) is Page) != paged:
        raise DeclarationError(f"{where}: an operation that takes a Paging returns a Page[…], and no other does")
    item = typing.get_args(returns)[0] if paged else returns
    if not is_dataclass(item):
        raise DeclarationError(f"{where}: it returns a @record")
    return item
