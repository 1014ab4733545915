"""Several processes that serve at the same address: one that looks after them, and those that work."""

from scopekeeper.app.workers.post import Post
from scopekeeper.app.workers.supervisor import supervise
from scopekeeper.app.workers.working import WorkingServer

__all__ = ["Post", "WorkingServer", "supervise"]
