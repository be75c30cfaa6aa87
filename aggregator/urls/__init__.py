"""URLs as values: one function to fetch by, one to compare by. Pure; neither ever raises.

``canonical`` gives a form that can be fetched, ``story_key`` one that is only ever compared. They
are kept apart because what is safe to ignore in a comparison (``www.``, the scheme, the order of
parameters) need not be safe to leave out of a request.
"""

from collections.abc import Iterable

from aggregator.urls.canonical import canonical, names_item, part_of, without_part
from aggregator.urls.domain import registrable_domain
from aggregator.urls.host import address_in, host_of, is_address
from aggregator.urls.site import same_site
from aggregator.urls.story import forget_cached, is_landing_page, story_key
from aggregator.urls.tracking import wish

__all__ = [
    "address_in",
    "canonical",
    "host_of",
    "is_address",
    "is_landing_page",
    "names_item",
    "part_of",
    "registrable_domain",
    "same_site",
    "story_key",
    "use_tracking_parameters",
    "without_part",
]


def use_tracking_parameters(parameters: Iterable[str]) -> None:
    """Add the operator's tracking parameters to the list, for this process from now on.

    See :func:`aggregator.urls.tracking.wish` for their form. To be called before anything else.
    """
    wish(parameters)
    forget_cached()
