"""story_key at large: what feeds, redirectors and sites do to one address, and what only looks so."""

import base64
from urllib.parse import quote

import pytest

from aggregator.urls import story_key

SITE = "https://news.example/2026/11/24/harbour-bridge-opens"
ARTICLE = f"{SITE}.html"
ESCAPED = quote(SITE, safe="")
VIDEO = "https://www.youtube.com/watch?v=dQ0-abcDE_f"


def google_news(url: str) -> str:
    """An article's address at Google News as it was until 2024, with a second field behind."""
    data = url.encode()
    size = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])
    token = base64.urlsafe_b64encode(b"\x08\x13\x22" + size + data + b"\xd2\x01\x00").decode()
    return f"https://news.google.com/rss/articles/{token.rstrip('=')}?oc=5"


TRACKED = [
    "?utm_source=rss", "?utm_id=1&utm_term=a+b", "?UTM_SOURCE=feed", "?fbclid=IwAR3", "?gclid=C&gclsrc=a",
    "?dclid=1", "?gbraid=1&wbraid=2", "?msclkid=f0", "?yclid=77", "?twclid=2-x", "?ttclid=E.C", "?igshid=Mz",
    "?mc_cid=0a1b2c&mc_eid=9f", "?_hsenc=p2&_hsmi=3", "?hsCtaTracking=1", "?mkt_tok=eyJ", "?vero_id=a%40b.example",
    "?oly_anon_id=x&oly_enc_id=y", "?wickedid=1", "?s_cid=rss", "?ns_mchannel=rss&ns_source=x", "?ncid=rss",
    "?cmpid=rss1", "?CMP=share_btn_fb", "?xtor=RSS-3208", "#xtor=RSS-3208", "?at_medium=RSS&at_campaign=KARANGA",
    "?ocid=socialflow", "?ito=1490", "?ftag=CAD590a51e", "?smid=tw-nytimes", "?partner=rss&emc=rss", "?srsltid=Af",
    "?pk_campaign=feed&pk_kwd=x", "?mtm_source=rss", "?piwik_campaign=x", "?matomo_source=x", "?wt_mc=rss",
    "?wt.mc_id=x", "?spm=a2.b3", "?guccounter=1&guce_referrer=aHR0", "?_ga=2.1.3&_gl=1*x", "?sc_campaign=x",
    "?hsa_acc=1&hsa_ver=3", "?elqTrackId=9c&elqaid=2", "?__s=abc", "?rdt_cid=1", "?ref=rss", "?ref=twitter-share",
    "?ref=homepage", "?source=rss", "?source=rss----aa11bb22cc33---4", "?source=rss-aa11bb22cc33------2",
    "?src=rss", "?from=newsletter", "?via=email", "?mod=rss", "?referrer=facebook",
    "?source=newsletter-20261124", "?medium=feed&campaign=rss", "?cid=rss", "?share=facebook", "?replytocom=512",
    "?utm_source=a&amp;utm_medium=b", "?amp=1", "?amp", "?_amp=true", "?outputType=amp", "?amp_js_v=a6&amp_gsa=1",
    "?usqp=mq331AQ", "?print=1", "?printable=yes", "?view=print", "?format=print", "?action=print",
    "?mode=print", "?view=mobile", "?tmpl=component&print=1", "?pagewanted=all", "#comments", "#respond",
    "#:~:text=harbour", "#disqus_thread", "#tk.rss_all", "#from-rss", "?PHPSESSID=l1m2", "?sid=0123456789abcdef0123456789abcdef",
    "?s=0123456789abcdef0123456789abcdef", "?sessionid=k3j4h5g6f7d8s9a0k3j4", "?CFID=9012345&CFTOKEN=551",
    "?osCsid=a1b2", ";jsessionid=9F3A.node1", "?jsessionid=9F3A",
]  # fmt: skip

SAME = [
    *[(ARTICLE, ARTICLE + tail) for tail in TRACKED],
    # hosts, schemes, ports, case, escapes
    (SITE, SITE.replace("https://", "http://")),
    (SITE, SITE.replace("https://", "HTTPS://")),
    (SITE, SITE.replace("news.example", "www.news.example")),
    (SITE, SITE.replace("news.example", "NEWS.Example:443")),
    (SITE, SITE.replace("https://news.example", "http://news.example:80")),
    (SITE, SITE.replace("news.example", "m.news.example")),
    (SITE, SITE.replace("news.example", "touch.news.example")),
    (SITE, SITE.replace("news.example", "mobile.news.example")),
    (SITE, SITE.replace("news.example", "amp.news.example")),
    (SITE, SITE.replace("news.example", "www.news.example.")),
    (SITE, SITE.replace("harbour", "h%61rbour")),
    (SITE, SITE.replace("/11/", "/11/../11/./")),
    (SITE, SITE.replace("/11/", "//11/")),
    (SITE, f"  {SITE}\n"),
    (SITE, SITE.replace("/", "\\")),
    ("https://news.example/it's-(here),now", "https://news.example/it%27s-%28here%29%2Cnow"),
    ("https://news.example/a?q=two+words", "https://news.example/a?q=two%20words"),
    ("https://news.example/a?u=http://b.example/", "https://news.example/a?u=http%3A%2F%2Fb.example%2F"),
    ("https://news.example/caf%c3%a9-%e2%82%ac", "https://news.example/café-€"),
    ("https://straße.example/a", "https://xn--strae-oqa.example/a"),
    ("https://news.example/a?x=1&y=2", "https://news.example/a?y=2&x=1"),
    ("https://news.example/a?x=1&y=2", "https://news.example/a?x=1&amp;y=2"),
    ("https://news.example/a?x=1", "https://news.example/a?&x=1&"),
    # dress
    (SITE, SITE + "/"), (SITE, SITE + "/?"), (SITE, SITE + "#"), (SITE, SITE + "/index.htm"),
    (SITE, SITE + "/Default.aspx"), (SITE, SITE + "/index.php?utm_source=x"), (SITE, SITE + "/index.shtml"),
    (SITE, SITE.replace("/2026", "/index.php/2026")),
    (SITE, SITE + "/amp"), (SITE, SITE + "/amp/"), (SITE, SITE + ".amp"), (SITE, SITE + "/print"),
    (SITE, SITE + "/printview/"), (SITE, SITE.replace("/2026", "/print/2026")),
    (SITE, SITE.replace("/2026", "/amp/2026")), (SITE, SITE.replace("/2026", "/amphtml/2026")),
    ("https://news.example/news/uk-12345678", "https://news.example/news/amp/uk-12345678"),
    (ARTICLE, SITE + ".amp.html"), (ARTICLE, SITE + ".print.html"),
    ("https://author.blogspot.com/2026/11/a.html", "https://author.blogspot.co.uk/2026/11/a.html?m=1"),
    ("https://de.wikipedia.org/wiki/Hafen", "https://de.m.wikipedia.org/wiki/Hafen"),
    ("https://news.example/2026/storm", "https://news.example/2026/storm/amp"),
    ("https://news.example/story/123", "https://news.example/story/123/print"),
    (SITE, SITE + "/drucken"), (ARTICLE, SITE + "~amp.html"), (SITE, SITE + "?noamp=mobile"), (SITE, SITE + "?amp=0"),
    (SITE, SITE + "?layout=print"), (SITE, SITE + "?sessionid=abc123"), (SITE, SITE + "?fromrss=1"),
    (SITE, SITE + "?intcmp=rss_feed&unlocked_article_code=1.ab"), (SITE, SITE.replace("news.", "wap.news.")),
    ("https://news.example/articleshow/99.cms", "https://m.news.example/amp_articleshow/99.cms"),
    ("https://news.example/2026/11/a-b-c", "https://news.example/platform/amp/2026/11/a-b-c"),
    ("https://www.bbc.co.uk/news/uk-12345678", "https://www.bbc.com/news/uk-12345678"),
    ("https://edition.cnn.com/2026/11/24/a/index.html", "https://www.cnn.com/2026/11/24/a"),
    ("https://vimeo.com/123456789", "https://vimeo.com/channels/staffpicks/123456789"),
    ("https://medium.com/@a/a-title-1a2b3c4d5e6f", "https://medium.com/p/1a2b3c4d5e6f"),
    ("https://stackoverflow.com/questions/123/a-title", "https://stackoverflow.com/q/123/45"),
    ("https://news.example/world/storm-warning", "https://news.example/world/storm-warning/amp"),
    ("https://news.example/storm", "https://news.example/storm.amp"), (SITE, SITE + "?CMP=twt_gu"), (SITE, SITE + "?cid=rss_news"),
    (SITE, SITE + "?cid=social_tw"), (SITE, SITE + "?spref=tw"), (SITE, SITE + "?ref=feedly.com"), (SITE, SITE + "?ref=blog.example.org"),
    (SITE, SITE + "?source=twitter.com"), (SITE, SITE + "?utm-source=rss"), (SITE, SITE + "?amp%3Butm_source=x"),
    (SITE, SITE + "?like_comment=5&_wpnonce=x"), (SITE, SITE + "?_r=0"),
    # caches, alerts, guards
    (SITE, f"https://news-example.cdn.ampproject.org/v/s/{SITE[8:]}?amp_js_v=0.1&usqp=mq331"),
    (SITE, f"https://cdn.ampproject.org/c/s/{SITE[8:]}/amp/"),
    (SITE, f"https://news-example.bing-amp.com/c/s/{SITE[8:]}"),
    (SITE, f"https://www.google.com/amp/s/{SITE[8:]}"),
    (SITE, f"https://www.google.de/amp/s/amp.{SITE[8:]}"),
    (SITE, f"https://www.google.com/url?rct=j&sa=t&url={SITE}&ct=ga&cd=CAIy&usg=AOv"),
    (SITE, f"https://www.google.co.uk/url?q={ESCAPED}&sa=U"),
    (SITE, f"http://news.google.com/news/url?sa=t&fd=R&ct2=us&usg=AF&url={SITE}"),
    (SITE, google_news(SITE)),
    (SITE + "-" + "long-" * 20 + "title", google_news(SITE + "-" + "long-" * 20 + "title")),
    (SITE, f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=6&url={ESCAPED}&c=7"),
    (SITE, "https://www.bing.com/ck/a?!&&p=1f&u=a1" + base64.urlsafe_b64encode(SITE.encode()).decode().rstrip("=") + "&ntb=1"),
    (SITE, f"https://r.search.yahoo.com/_ylt=Awr/RV=2/RE=17/RO=10/RU={ESCAPED}/RK=2/RS=x-"),
    (SITE, f"https://l.facebook.com/l.php?u={ESCAPED}%3Ffbclid%3Dx&h=AT0"),
    (SITE, f"https://l.instagram.com/?u={ESCAPED}&e=AT"),
    (SITE, f"https://l.threads.net/?u={ESCAPED}&e=AT"),
    (SITE, f"https://t.umblr.com/redirect?z={ESCAPED}&t=Nz"),
    (SITE, f"https://out.reddit.com/t3_x?url={ESCAPED}&token=A"),
    (SITE, f"https://www.linkedin.com/redir/redirect?url={ESCAPED}&urlhash=x"),
    (SITE, f"https://getpocket.com/redirect?url={ESCAPED}"),
    (SITE, f"https://eur01.safelinks.protection.outlook.com/?url={ESCAPED}&data=05"),
    (SITE, f"https://slack-redir.net/link?url={ESCAPED}"),
    (SITE, f"https://disq.us/url?url={ESCAPED}"),
    (SITE, f"https://t.me/iv?url={ESCAPED}&rhash=1"),
    (SITE, f"https://href.li/?{SITE}"),
    (SITE, f"https://duckduckgo.com/l/?uddg={ESCAPED}&rut=1"),
    (SITE, f"https://vk.com/away.php?to={ESCAPED}"),
    (SITE, f"https://www.google.com/url?url={quote(f'https://l.facebook.com/l.php?u={ESCAPED}', safe='')}"),
    # videos and posts
    *[(VIDEO, other) for other in (
        "https://youtu.be/dQ0-abcDE_f", "https://youtu.be/dQ0-abcDE_f?si=Xyz&t=42", "http://m.youtube.com/watch?v=dQ0-abcDE_f",
        "https://www.youtube.com/watch?feature=youtu.be&v=dQ0-abcDE_f#t=10", "https://www.youtube.com/embed/dQ0-abcDE_f?rel=0",
        "https://www.youtube-nocookie.com/embed/dQ0-abcDE_f", "https://www.youtube.com/v/dQ0-abcDE_f",
        "https://www.youtube.com/live/dQ0-abcDE_f?feature=share", "https://youtube.com/shorts/dQ0-abcDE_f",
        "https://music.youtube.com/watch?v=dQ0-abcDE_f&list=RD")],
    ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?h=1"),
    ("https://www.dailymotion.com/video/x8abcde", "https://dai.ly/x8abcde"),
    ("https://www.dailymotion.com/video/x8abcde_a-title", "https://www.dailymotion.com/embed/video/x8abcde"),
    ("https://www.nicovideo.jp/watch/sm9", "https://nico.ms/sm9"),
    ("https://www.twitch.tv/somebody/clip/FunnyClip-1", "https://clips.twitch.tv/FunnyClip-1"),
    ("https://twitter.com/somebody/status/1234567890", "https://x.com/somebody/status/1234567890?s=20&t=A"),
    ("https://mobile.twitter.com/somebody/status/1234567890", "https://twitter.com/i/web/status/1234567890"),
    ("https://www.reddit.com/r/feeds/comments/1abcde/a_title/", "https://redd.it/1abcde"),
    ("https://old.reddit.com/r/feeds/comments/1abcde/", "https://www.reddit.com/comments/1abcde"),
    ("https://www.instagram.com/p/CxYz12_ab/", "https://instagr.am/p/CxYz12_ab"),
    ("https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk", "https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk?si=1a"),
    ("https://medium.com/@a/a-title-1a2b3c4d5e6f", "https://medium.com/@a/a-title-1a2b3c4d5e6f?source=rss-1a2b3c4d5e6f------2"),
]  # fmt: skip

A = "https://news.example/a"
DIFFERENT = [
    # parameters that may be the page
    *[(f"{A}?{name}=1", f"{A}?{name}=2") for name in (
        "id", "p", "v", "t", "ref", "source", "src", "from", "page", "a", "article", "story", "nid", "tid",
        "sid", "session", "session_id", "s", "q", "cat", "lang", "issue", "episode", "date", "m", "cid", "trackingid",
        "campaign", "partner", "via", "section", "channel", "mod", "hash", "print_id", "at_id", "sc_id", "pk", "tag")],
    *[(A, f"{A}?{tail}") for tail in (
        "id=7", "p=7", "v=2", "t=3", "ref=7", "ref=main", "ref=v1.2", "source=doc12", "source=7", "page=2", "page=1", "lang=en",
        "print=poster", "view=gallery", "format=pdf", "format=json", "action=history", "output=xml", "amp=500w", "from=2020",
        "session=opening", "cmp=12", "feature=7", "sid=42", "m=11", "mod=sport", "share=acme", "replytocom=x", "outputtype=pdf",
        "mbid=0383dadf-2a4e-4d10-a46a-e9e041da8eb3", "platform=twitter", "type=mobile", "media=print", "theme=mobile", "page=print", "style=print", "trk=2", "spm=2", "ref=v2.branch", "channel=youtube", "feed=rss2", "rss=world")],
    (f"{A}?x=1&x=2", f"{A}?x=2&x=1"), (f"{A}?q=a%26b", f"{A}?q=a&b"), (f"{A}?q=a%2Bb", f"{A}?q=a+b"), (f"{A}?q=C", f"{A}?q=c"),
    (f"{A}?q=1%3D2", f"{A}?q=1=2"),
    # fragments that route
    (f"{A}#!/1", f"{A}#!/2"), (f"{A}#!1", A), (f"{A}#/1", f"{A}#/2"), (f"{A}#/1", A), (f"{A}#v1.2.3", f"{A}#v1.2.4"),
    (f"{A}#1.0", A), (f"{A}#v2", f"{A}#v3"), (f"{A}#release-7", f"{A}#release-8"), (f"{A}#2026-11-23", f"{A}#2026-11-24"),
    (f"{A}#article/12", f"{A}#article/13"), (f"{A}#id=12", f"{A}#id=13"), (f"{A}#?id=1", f"{A}#?id=2"),
    (f"{A}#20261123", f"{A}#20261124"), (f"{A}#build-7", f"{A}#build-8"), (f"{A}#entry1", f"{A}#entry2"), (f"{A}#12", f"{A}#13"),
    (f"{A}#november-2026", f"{A}#october-2026"), (f"{A}#tag=v1", f"{A}#tag=v2"),
    (f"{A}#spring", f"{A}#autumn"), (f"{A}#spring", A), (f"{A}#comment-7", A), (f"{A}#post-11", f"{A}#post-12"), (f"{A}#issuecomment-11", f"{A}#issuecomment-12"),
    # paths
    (A, f"{A}/2"), (A, f"{A}.html"), (f"{A}.html", f"{A}.htm"), (f"{A}.html", f"{A}.pdf"), (A, "https://news.example/A"),
    (A, "https://news.example/b/a"), (A, "https://news.example/"), ("https://news.example/a%2Fb", "https://news.example/a/b"),
    ("https://news.example/a%3Fb=1", "https://news.example/a?b=1"), ("https://news.example/a%23b", A), ("https://news.example/a+b", "https://news.example/a%20b"),
    ("https://news.example/a;v=1", "https://news.example/a;v=2"), ("https://news.example/v1.2.3/", "https://news.example/v1.2.4/"),
    ("https://news.example/2026/11/24/", "https://news.example/2026/11/23/"), (SITE, SITE + "-2"), (SITE, SITE + "/comments"),
    ("https://shop.example/guitars/amp", "https://shop.example/guitars"), ("https://shop.example/amp/fender", "https://shop.example/fender"),
    ("https://shop.example/print", "https://shop.example/"), ("https://shop.example/print/posters", "https://shop.example/posters"),
    ("https://shop.example/art/print/", "https://shop.example/art"), ("https://news.example/index2.html", "https://news.example/index.html"),
    ("https://news.example/index", "https://news.example/"), ("https://news.example/default", "https://news.example/"),
    ("https://news.example/m/alien-2-1986", "https://news.example/alien-2-1986"), ("https://news.example/mobile/a-b-c", "https://news.example/a-b-c"),
    (f"{A}?sessionid=7", f"{A}?sessionid=8"), (f"{A}?type=video", A), (f"{A}?version=2", A), (f"{A}?mobile=samsung", A),
    ("https://www.bbc.co.uk/weather/1", "https://www.bbc.com/weather/1"),
    ("https://stackoverflow.com/questions/123/t", "https://stackoverflow.com/questions/124/t"),
    ("https://stackoverflow.com/questions/123/t/456#456", "https://stackoverflow.com/questions/123/t"),
    ("https://medium.com/p/1a2b3c4d5e6f", "https://medium.com/p/1a2b3c4d5e60"), ("https://medium.com/@a/about", "https://medium.com/@b/about"),
    ("https://news.example/a_amp_b/c", "https://news.example/a_b/c"), ("https://shop.example/art/drucken", "https://shop.example/art"),
    (A, f"{A}?source=blog.example"), (A, f"{A}?cid=rss2-17"), (A, f"{A}?ref=email-scandal"), (A, f"{A}?spref=7"), (A, f"{A}?_r=x"),
    ("https://shop.example/bass/amp", "https://shop.example/bass"), ("https://shop.example/my-art/print", "https://shop.example/my-art"),
    # hosts
    (A, "https://news.example.com/a"), (A, "https://example/a"), (A, "https://blog.news.example/a"), (A, "https://www2.news.example/a"),
    (A, "https://old.news.example/a"), (A, "https://en.news.example/a"), (A, "https://news.example:8443/a"),
    ("http://news.example:443/a", "http://news.example/a"), ("https://m.com.au/a", "https://com.au/a"), ("https://www.co.jp/a", "https://co.jp/a"),
    ("https://one.blogspot.com/a", "https://two.blogspot.com/a"), ("https://a.medium.com/x", "https://b.medium.com/x"),
    ("https://wiki.example/de/a", "https://wiki.example/en/a"), ("https://de.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"),
    ("https://127.0.0.1/a", "https://127.0.0.2/a"), ("https://xn--bcher-kva.example/a", "https://bucher.example/a"),
    # redirectors: other targets, other paths, other hosts
    (f"https://www.google.com/url?url={A}", f"https://www.google.com/url?url={A}b"), ("https://www.google.com/search?q=" + A, A),
    ("https://news.google.com/rss/articles/CBMiAAAAAAAAAAAAAAAAAAAA", "https://news.google.com/rss/articles/CBMiAAAAAAAAAAAAAAAAAAAB"),
    (f"https://archive.example/web/2026/{A}", A), (f"https://proxy.example/url?url={A}", A), (f"https://news.example/login?url={A}", A),
    ("https://t.co/abc", "https://t.co/abd"), ("https://bit.ly/a", "https://bit.ly/A"), ("http://feedproxy.google.com/~r/x/~3/a/", "http://feedproxy.google.com/~r/x/~3/b/"),
    (f"https://translate.google.com/translate?u={A}", A), ("https://www.google.com/amp/", "https://www.google.com/"),
    # videos and posts
    (VIDEO, "https://youtu.be/dQ0-abcDE_g"), (VIDEO, "https://www.youtube.com/watch?v=dQ0-abcde_f"),
    ("https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/playlist?list=PL2"), ("https://www.youtube.com/@a", "https://www.youtube.com/@b"),
    ("https://www.youtube.com/live/", "https://www.youtube.com/"), ("https://vimeo.com/123456789", "https://vimeo.com/123456788"),
    ("https://twitter.com/a/status/1234567890", "https://twitter.com/a/status/1234567891"), ("https://twitter.com/a", "https://twitter.com/b"),
    ("https://www.reddit.com/r/x/comments/1abcde/t/", "https://www.reddit.com/r/x/comments/1abcde/t/kfed1/"),
    ("https://www.reddit.com/r/x/", "https://www.reddit.com/r/y/"), ("https://dai.ly/x8abcde", "https://dai.ly/x8abcdf"),
    ("https://www.instagram.com/p/CxYz12_ab/", "https://www.instagram.com/p/CxYz12_aB/"),
    ("https://github.com/a/b/releases/tag/v1.0", "https://github.com/a/b/releases/tag/v1.1"),
    ("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/item?id=2"),
    ("https://bugs.example/show_bug.cgi?id=1", "https://bugs.example/show_bug.cgi?id=2"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), SAME)
def test_one_page(first: str, second: str) -> None:
    assert story_key(first) == story_key(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_two_pages(first: str, second: str) -> None:
    assert story_key(first) != story_key(second)


def test_none_of_the_pages_that_differ_becomes_another_by_a_detour() -> None:
    urls = {url for pair in DIFFERENT for url in pair}
    one_page = {
        f"https://www.google.com/url?url={A}",
        A.replace("https", "http"),
        "https://news.example/index.html",
    }
    apart = urls - one_page
    assert len({story_key(url) for url in apart}) == len(apart)
    assert len({*SAME, *DIFFERENT}) > 150
