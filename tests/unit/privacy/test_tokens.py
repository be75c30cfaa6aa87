"""Addresses that hold a token, and as many that hold none; the tokens are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.privacy.tokens import MASK, has_token, replaced, secrets_in, token_spans

HEX = "4f2a9c0d1e8b7a6c5d4e3f2a1b0c9d8e"
RAND = "a8Kd93jLs0Qz7Xv2"
UUID = "3f2b8c1a-9d4e-4f6a-8b7c-1d2e3f4a5b6c"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlMTIz"

PRIVATE = [
    # podcasts and newsletters
    f"https://www.patreon.com/rss/show?auth={RAND}",
    f"https://www.patreon.com/rss/show?auth={RAND}&show=12345",
    f"https://show.supportingcast.fm/content/{JWT}.rss",
    f"https://show.supportingcast.fm/rss/{RAND}",
    f"https://show.supercast.tech/feeds/{RAND}",
    f"https://feeds.supercast.com/feeds/{RAND}",
    f"https://show.memberful.com/rss/12?auth={RAND}",
    f"https://api.substack.com/feed/podcast/123/private/{UUID}.rss",
    f"https://subscribers.transistor.fm/{HEX}",
    f"https://feeds.acast.com/private/rss/{UUID}/{RAND}",
    f"https://access.acast.com/rss/{UUID}/{RAND}",
    f"https://feed.podbean.com/show/premium/{RAND}",
    f"https://glow.fm/rss/{RAND}",
    f"https://kill-the-newsletter.com/feeds/{RAND}.xml",
    f"https://show.example/feed/podcast/x?token={RAND}",
    f"https://show.example/members/rss?uuid={RAND}{RAND}",
    f"https://show.example/feed?pid=12&user_token={RAND}",
    f"https://artist.bandcamp.com/feed?pk={RAND}",
    # code and work
    f"https://github.com/me.private.atom?token={RAND}",
    f"https://github.com/org/repo/commits/main.atom?token={RAND}",
    f"https://gitlab.com/dashboard/projects.atom?feed_token=glft-{RAND}",
    f"https://gitlab.com/g/p.atom?private_token={RAND}",
    f"https://gitlab.com/g/p.atom?rss_token={RAND}",
    f"https://bitbucket.org/me/rss/feed?token={HEX}",
    f"https://git.example/user/repo.rss?token={HEX}",
    "https://jira.example/activity?os_username=me&os_password=secret",
    f"https://redmine.example/issues.atom?key={HEX}",
    f"https://bugs.example/issues_rss.php?username=me&key={HEX}",
    f"https://ci.example/job/x/rssAll?token={RAND}",
    f"https://stats.example/index.php?module=API&token_auth={HEX}",
    f"https://stats.example/index.php?module=API&token_auth={HEX}&format=rss",
    # readers, forums, services
    f"https://www.reddit.com/.rss?feed={HEX}&user=me",
    f"https://old.reddit.com/user/me/upvoted.rss?feed={HEX}&user=me",
    f"https://feeds.pinboard.in/rss/secret:{HEX}/u:me/private/",
    f"https://trakt.tv/users/me/watchlist.atom?slurm={HEX}",
    f"https://forum.example/latest.rss?api_key={HEX}&api_username=me",
    f"https://forum.example/latest.rss?user_api_key={HEX}",
    f"https://www.newsblur.com/reader/folder_rss/12/{RAND}/unread/all",
    f"https://feedbin.com/starred/{RAND}.xml",
    f"https://www.instapaper.com/rss/12345/{RAND}",
    f"https://www.instapaper.com/starred/rss/12345/{RAND}",
    f"https://bag.example/feed/me/{RAND}/unread",
    f"https://rss.example/public.php?op=rss&id=-2&key={HEX}",
    f"https://fresh.example/i/?a=rss&user=me&token={RAND}",
    f"https://lemmy.example/feeds/front/{JWT}.xml",
    # calendars
    f"https://calendar.google.com/calendar/ical/me%40gmail.com/private-{HEX}/basic.ics",
    f"https://outlook.office365.com/owa/calendar/abc@x.example/{HEX}/calendar.ics",
    f"https://caldav.icloud.com/published/2/{RAND}{RAND}",
    f"https://cloud.example/remote.php/dav/public-calendars/{RAND}",
    f"https://forum.example/feed?sid={HEX}", f"https://site.example/feed?session={UUID}",
    f"https://login.example/feed?ticket=ST-12-{RAND}", "https://site.example/feed?password=on",
    "https://cloud.example/index.php/s/a8Kd93jLs0Qz7Xv",
    # trackers and media
    f"https://tracker.example/rss?passkey={HEX}",
    f"https://tracker.example/rss.php?torrent_pass={HEX}",
    f"https://tracker.example/rss/passkey/{HEX}",
    f"https://indexer.example/api?t=search&apikey={HEX}",
    f"https://jackett.example/api/v2.0/indexers/x/results/torznab?apikey={RAND}",
    f"https://plex.example/library?X-Plex-Token={RAND}",
    # signed addresses
    f"https://b.s3.amazonaws.com/f.xml?X-Amz-Credential=AKIA&X-Amz-Signature={HEX}",
    f"https://b.s3.amazonaws.com/f.xml?AWSAccessKeyId=AKIA&Signature={RAND}&Expires=1",
    f"https://storage.googleapis.com/b/f.xml?X-Goog-Signature={HEX}",
    f"https://acc.blob.core.windows.net/c/f.xml?sv=2020&sig={RAND}%3D",
    f"https://oss.example/f.xml?OSSAccessKeyId=L&Signature={RAND}",
    # hooks
    f"https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/{RAND}",
    f"https://discord.com/api/webhooks/123456789012345678/{RAND}",
    f"https://api.telegram.org/bot123456:{RAND}AAAA/getUpdates",
    # habits
    f"https://x.example/feed?k={RAND}",
    f"https://x.example/feed?u={HEX}",
    f"https://x.example/feed?hash={HEX}",
    f"https://x.example/feed?code={RAND}",
    f"https://x.example/feed?anything={JWT}",
    f"https://x.example/private/{RAND}/feed",
    f"https://x.example/feed#access_token={RAND}",
    "https://x.example/feed?password=a",
    "https://x.example/feed?PassWord=a",
    "https://x.example/feed?a=1;pwd=b",
]  # fmt: skip

PUBLIC = [
    "https://www.youtube.com/feeds/videos.xml?channel_id=UCsXVk37bltHxD1rDPwtNM8Q",
    "https://www.youtube.com/feeds/videos.xml?playlist_id=PLBCF2DAC6FFB574DE",
    "https://www.youtube.com/feeds/videos.xml?user=someone12345678901a2b3c",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "https://news.google.com/rss/articles/CBMiK2h0dHBzOi8vd3d3LmV4YW1wbGUuY29tL2FydGljbGXSAQA?oc=5",
    "https://news.google.com/rss/search?q=python&hl=en-US&gl=US&ceid=US:en",
    "https://news.google.com/rss/topics/CAAqJggKIiBDQkFTRWdvSUwyMHZNRGx1YlY4U0FtVnVHZ0pWVXlnQVAB",
    "https://arxiv.org/rss/cs.CL", "https://export.arxiv.org/api/query?search_query=cat:cs.AI&start=0",
    "https://arxiv.org/abs/2401.12345v2",
    "https://blog.example/?feed=rss2", "https://blog.example/?feed=rss2&cat=7",
    "https://blog.example/?cat=12", "https://blog.example/?p=12345", "https://blog.example/?page_id=2",
    "https://blog.example/?feed=comments-rss2&p=1234567890123456",
    "https://blog.example/feed/?post_type=episode", "https://blog.example/tag/python3/feed/",
    "https://blog.example/tag/machine-learning-2024/", "https://blog.example/feed/?format=rss",
    "https://site.example/blog?format=rss", "https://site.example/?format=feed&type=rss",
    "https://site.example/rss.xml?lang=de", "https://site.example/feed?utm_source=feed&utm_medium=rss",
    "https://site.example/a?utm_campaign=spring2024&utm_content=a1b2",
    "https://site.example/a?fbclid=IwAR0x1y2z3a4b5c6d7e8f", "https://site.example/a?gclid=EAIaIQobChMI7v3a9b8c",
    f"https://site.example/posts/{UUID}", f"https://site.example/posts/{UUID}.html",
    f"https://site.example/post?id={UUID}", f"https://site.example/item?guid={UUID}",
    "https://site.example/post?id=1234567890123456789",
    "https://site.example/2024/01/31/a-long-title-of-a-post-in-2024/",
    "https://site.example/a3f5c8d9e0b1", "https://site.example/p/3a9f8b7c6d5e",
    "https://medium.com/feed/@someone", "https://medium.com/@me/a-title-1a2b3c4d5e6f",
    "https://mastodon.social/@Gargron.rss", "https://mastodon.social/@Gargron/109876543210987654",
    "https://mastodon.social/tags/python.rss", "https://t.me/s/telegram",
    "https://rsshub.app/telegram/channel/awesomeDLs",
    "https://rsshub.app/twitter/user/someone?limit=5", "https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur/rss",
    "https://github.com/python/cpython/releases.atom", "https://github.com/torvalds.atom",
    "https://github.com/python/cpython/commit/4f2a9c0d1e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c",
    "https://github.com/python/cpython/commits/main.atom", "https://gitlab.com/gitlab-org/gitlab/-/tags?format=atom",
    "https://www.reddit.com/r/python/.rss", "https://www.reddit.com/r/python/top/.rss?t=week&limit=25",
    "https://www.reddit.com/r/python/search.rss?q=asyncio&restrict_sr=on&sort=new",
    "https://old.reddit.com/user/someone/submitted.rss",
    "https://feeds.transistor.fm/show", "https://feeds.acast.com/public/shows/my-show",
    f"https://feeds.acast.com/public/shows/{UUID}", "https://feeds.megaphone.fm/ABC1234567890",
    "https://anchor.fm/s/1a2b3c4d/podcast/rss", "https://feeds.simplecast.com/54nAGcIl",
    f"https://feeds.redcircle.com/{UUID}", f"https://omny.fm/shows/x/playlists/{UUID}/podcast.rss",
    "https://feeds.buzzsprout.com/1234567.rss", "https://rss.art19.com/the-daily",
    "https://feed.podbean.com/show/feed.xml", "https://podcasts.files.bbci.co.uk/p02nq0gn.rss",
    "https://someone.substack.com/feed", "https://someone.substack.com/p/a-title",
    "https://feedpress.me/site", "https://feeds.feedburner.com/Some/Blog", "https://feeds.feedburner.com/blog?format=xml",
    "https://www.patreon.com/someone", "https://feeds.pinboard.in/rss/u:someone/t:python/",
    "https://stackoverflow.com/feeds/tag?tagnames=python&sort=newest",
    "https://stackoverflow.com/feeds/question/12345678", "https://hnrss.org/newest?q=rust&points=100",
    "https://lobste.rs/t/python.rss", "https://www.letterboxd.com/me/rss/",
    "https://rss.app/feeds/tA1b2C3d.xml", "https://www.flickr.com/services/feeds/photos_public.gne?id=12345678@N00&format=rss_200",
    "https://www.ebay.com/sch/i.html?_nkw=camera&_rss=1", "https://vimeo.com/channels/staffpicks/videos/rss",
    "https://soundcloud.com/someone", "https://feeds.soundcloud.com/users/soundcloud:users:123456789/sounds.rss",
    "https://eutils.ncbi.nlm.nih.gov/pubmed/rss/search/1AbCdEfGh/?limit=15",
    "https://site.example/keyword/secret-gardens/feed", "https://site.example/private/blog/feed.xml",
    "https://site.example/category/private-equity/rss", "https://site.example/author/auth/feed",
    "https://site.example/feed?code=de", "https://site.example/feed?hash=tag", "https://site.example/feed?key=python",
    "https://trac.example/timeline?ticket=on&changeset=on&max=50&daysback=90&format=rss",
    "https://parliament.example/bills.rss?session=118&house=1", "https://forum.example/feed?sid=5",
    "https://slashdot.example/article.pl?sid=05/11/19/2014233", "https://site.example/rss?invite=1",
    "https://someone.livejournal.com/data/rss?auth=digest", "https://site.example/rss?auth=no",
    "https://git.example/linux.git/atom/?id=3c6152940584290668b35fa0800026f6a1ae05fe",
    "https://podcast.example/rss?id=5e8f8e8f8e8f8e8f8e8f8e8f",
    "https://site.example/s/internationally/feed", "https://site.example/s/environment2024/rss",
    "https://site.example/feed?u=someone", "https://site.example/feed?id=news", "https://site.example/feed?s=search+words",
    "https://site.example/feed?page=2&per_page=50", "https://site.example/feed?v=20240131",
    "https://site.example/feed?id=release20240131final", "https://site.example/feed?s=a-long-search-for-many-words",
    "https://cdn.example/i.jpg?w=1200&h=630&fit=crop&auto=format", "https://cdn.example/i.jpg?ixid=abc",
    "https://site.example/feed?token=", "https://a.example:8080/feed", "https://a.example/",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_an_address_with_a_token(url: str) -> None:
    assert has_token(url)
    assert secrets_in(url)
    shown = replaced(url, lambda _: MASK)
    for secret in (RAND, HEX, JWT):
        assert secret not in shown
    assert shown.partition("?")[0].partition("/")[0] == url.partition("/")[0]


@pytest.mark.parametrize("url", PUBLIC)
def test_an_address_without_one(url: str) -> None:
    assert [url[start:end] for start, end in token_spans(url)] == []
    assert replaced(url, lambda _: MASK) == url


def test_the_table_is_of_some_size() -> None:
    assert len(set(PRIVATE)) >= 60
    assert len(set(PUBLIC)) >= 80


def test_secrets_are_told_as_written_and_decoded() -> None:
    url = "https://u%40:p@a.example/?token=a%2Fb%20c"
    assert secrets_in(url) == {"u%40", "u@", "p", "a%2Fb%20c", "a/b c"}


@given(st.text())
def test_nothing_raises(text: str) -> None:
    for url in (text, f"https://a.example/{text}", f"https://{text}?token={text}#{text}"):
        secrets_in(url)
        replaced(url, lambda _: MASK)


def test_a_plain_word_beside_a_password_is_no_secret_wherever_it_stands() -> None:
    # Texts and logs hold "reader" and "postgres" without telling anything.
    assert secrets_in("https://reader:hunter22@a.example/feed") == {"hunter22"}
    assert secrets_in("https://t0ken9x:hunter22@a.example/feed") == {"t0ken9x", "hunter22"}
    assert secrets_in("https://onlyname@a.example/feed") == {"onlyname"}
