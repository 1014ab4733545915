"""What is looked at of mail: does the server that is to take it let us in? No mail is sent."""

import asyncio
from collections.abc import Iterator

from scopekeeper.cli.doctor.finding import Finding
from scopekeeper.settings import Settings


def mail(settings: Settings) -> Iterator[Finding]:
    """Nothing where no mail is sent."""
    from scopekeeper.services.mail import host_of
    from scopekeeper.services.postman import NotTaken
    from scopekeeper.wire.smtp import Smtp

    server = settings.mail_server
    if server is None:
        if settings.mail_from is not None:
            yield Finding(
                "mail", "warning", "mail_from has no effect without mail_server", "set SCOPEKEEPER_MAIL_SERVER"
            )
        return
    try:
        asyncio.run(Smtp(server, host_of(settings.issuer)).greet())
    except NotTaken as away:
        mend = "mend SCOPEKEEPER_MAIL_SERVER, or that server (docs/guides/mail.md)"
        yield Finding("mail", "bad", f"{server} does not let us in: {away}", mend)
    else:
        yield Finding("mail", "good", f"{server} lets us in; mail comes from {settings.mail_from}")
