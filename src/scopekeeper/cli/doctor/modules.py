"""What is looked at of the API: do its modules stand together?"""

from scopekeeper.cli.doctor.finding import Finding
from scopekeeper.settings import Settings


def modules(settings: Settings) -> Finding:
    """The installed modules, linked as the server would link them."""
    from scopekeeper.api.modules import installed
    from scopekeeper.sdk import DeclarationError

    try:
        found = installed(switched_off=settings.modules_off)
    except DeclarationError as wrong:
        return Finding("modules", "bad", str(wrong), "mend the module, or switch it off: SCOPEKEEPER_MODULES_OFF")
    off = f"; switched off: {', '.join(sorted(settings.modules_off))}" if settings.modules_off else ""
    return Finding("modules", "good", f"{', '.join(module.name for module in found) or 'none'}{off}")
