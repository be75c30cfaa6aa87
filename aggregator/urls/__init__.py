"""URLs as values: one function to fetch by, one to compare by. Pure; neither ever raises.

``canonical`` gives a form that can be fetched, ``story_key`` one that is only ever compared. They
are kept apart because what is safe to ignore in a comparison (``www.``, the scheme, the order of
parameters) need not be safe to leave out of a request.
"""

from aggregator.urls.canonical import canonical
from aggregator.urls.site import same_site
from aggregator.urls.story import is_landing_page, story_key

__all__ = ["canonical", "is_landing_page", "same_site", "story_key"]
