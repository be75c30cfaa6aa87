"""A small internet on loopback, for newcomers without a network and for the tests.

A handful of sites in four languages with feeds in four formats and article pages that look like
real ones; some are slow, broken or gone, some carry each other's stories::

    async with DemoInternet(story_interval=None) as internet:
        internet.publish(3)
        ...  # poll the internet.feeds, expect the internet.stories()
"""

from aggregator.demo.internet import DemoFeed, DemoInternet
from aggregator.demo.responses import DemoRequest
from aggregator.demo.stories import DemoCopy, DemoStory

__all__ = ["DemoCopy", "DemoFeed", "DemoInternet", "DemoRequest", "DemoStory"]
