"""Questions to the DNS, with limits: each answer says found, none, or what went wrong and whether it may pass.

A `Resolver` is shared by all threads and remembers answers as long as their TTL allows. A message asks through an
`Asker`, which holds its budget of questions and seconds: whoever writes the records cannot make a message expensive.
"""

from inboxd.resolver.answer import Answer, Kind, Outcome
from inboxd.resolver.asker import Asker
from inboxd.resolver.resolver import Resolver

__all__ = ["Answer", "Asker", "Kind", "Outcome", "Resolver"]
