r"""Newspapers and magazines that number what they publish: where in their addresses the number stands.

A form is here when the number is unique at the site, and the rest of the path (sections, a title that an
editor may change) is decoration: one row of numbers for texts; films and forums, which have rows of their own,
are left out by the pattern, and by the names of their shelves (:mod:`aggregator.urls.article_numbers`). Each is ``hosts ⇒ pattern ⇒ path for all``, hosts without ``www.``/``m.``/``amp.``
(``*.`` for all one label below), the pattern for the whole path, AMP and print forms taken off. ``{S}`` is
any sections, ``{T}`` a title in the last segment before the number, ``{U}`` a UUID. ``host/…`` as path for
all moves it to that host. Eight digits that are a day are no number. Query and fragment stay: they may name a part, or a second page.
"""

from __future__ import annotations

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

TABLE = r"""
# Agencies and broadcasters
apnews.com ⇒ /article/(?:[^/]+-)?(?P<id>[0-9a-f]{32}) ⇒ /article/{id}
reuters.com ⇒ /article/(?:.+/)?(?:[^/]*-)?(?P<id>id[A-Z]{2}[A-Z0-9]{6,}) ⇒ /article/{id}
npr.org text.npr.org ⇒ /(?:sections/[\w-]+/)?(?:\d{4}/\d\d/\d\d/)?(?P<id>nx-s1-\d{6,}|\d{6,})(?:/[^/]+)? ⇒ npr.org/{id}
cbc.ca ⇒ /{S}(?:[^/]*-)?(?P<id>[19]\.\d{4,}) ⇒ /{id}
abc.net.au ⇒ /(?:news/\d{4}-\d\d-\d\d/[^/]+|news/[\w-]+/[^/]+|article)/(?P<id>\d{7,9}) ⇒ /article/{id}
rnz.co.nz ⇒ /(?:news|national|international)/(?:[^/]+/)*(?P<id>\d{6})(?:/[^/]+)? ⇒ /news/{id}
news.sky.com ⇒ /story/(?:amp/)?{T}(?P<id>\d{7,9}) ⇒ /story/{id}
nbcnews.com msnbc.com today.com ms.now ⇒ /(?!watch/){S}{T}(?P<id>(?:rcna|ncna|n)\d{5,}) ⇒ /{id}
nrk.no ⇒ /{S}{T}(?P<id>1\.\d{6,}) ⇒ /{id}
err.ee *.err.ee postimees.ee *.postimees.ee ⇒ /(?P<id>\d{6,})(?:/[^/]+)? ⇒ /{id}
delfi.ee *.delfi.ee ⇒ /(?:artikkel|a)/(?P<id>\d{6,})(?:/[^/]+)? ⇒ /a/{id}
francetvinfo.fr franceinfo.fr ⇒ /(?:replay-[^/]+/)?{S}[^/]*_(?P<id>\d{6,})\.html ⇒ franceinfo.fr/{id}
dw.com ⇒ /[a-z-]+/(?:[^/]+/)?(?P<kind>a|av|video|live|g)-(?P<id>\d{7,}) ⇒ /{kind}-{id}
rte.ie ⇒ /{S}(?P<id>\d{7})(?:-[^/]*)? ⇒ /{id}
bfmtv.com ⇒ /{S}[^/]*_(?P<id>[A-Z]{2}-\d{12})\.html ⇒ /{id}
ansa.it ⇒ /{S}[^/]*_(?P<id>{U})\.html ⇒ /{id}
nos.nl ⇒ /{S}(?:artikel|l)/(?P<id>\d{6,})(?:-[^/]*)? ⇒ /l/{id}
espn.com espn.co.uk espn.in espn.com.au espn.ph ⇒ /{S}story/_/id/(?P<id>\d+)(?:/[^/]+)? ⇒ espn.com/story/{id}
bleacherreport.com ⇒ /articles/(?P<id>\d{6,})(?:-[^/]*)? ⇒ /articles/{id}
lequipe.fr ⇒ /[\w-]+/(?P<kind>[\w-]+)/[^/]+/(?P<id>\d{6,}) ⇒ /{kind}/{id}
tass.ru ⇒ /(?:[\w-]+/)?(?P<id>\d{7,8}) ⇒ /{id}
interfax.ru ⇒ /(?:[\w-]+/)?(?P<id>\d{5,7}) ⇒ /{id}
prnewswire.com ⇒ /{S}{T}(?P<id>30\d{7})\.html ⇒ /{id}
businesswire.com ⇒ /news/home/(?P<id>\d{14})/(?P<lang>[A-Za-z-]+)(?:/[^/]*)? ⇒ /{id}/{lang}
globenewswire.com ⇒ /{S}news-release/\d{4}/\d\d/\d\d/(?P<id>\d+)/\d+/(?P<lang>[a-z]+)/[^/]* ⇒ /{id}/{lang}

# German
heise.de ⇒ (?:/(?:[\w-]+/)*(?:news|meldung|artikel|hintergrund|ratgeber|tests?)/[^/]*|/)-(?P<id>\d{5,9})(?:\.html)? ⇒ /-{id}
golem.de ⇒ /news/(?:[^/]+-)?\d{4}-(?P<id>\d{5,6})(?:-rss|-amp)?\.html ⇒ /news/{id}
glm.io ⇒ /(?P<id>\d{5,6}) ⇒ golem.de/news/{id}
sueddeutsche.de sz.de ⇒ /{S}{T}(?P<id>1\.\d{6,}|lux\.[A-Za-z0-9]{10,}) ⇒ sueddeutsche.de/{id}
spiegel.de manager-magazin.de ⇒ /{S}{T}a-(?P<id>{U}|\d{4,})(?:-(?:amp|druck))?(?:\.html)? ⇒ /a-{id}
n-tv.de ⇒ /{S}{T}article(?P<id>\d{6,})\.html ⇒ /article{id}.html
welt.de ⇒ /{S}(?:article|plus)(?P<id>\d{6,}|[0-9a-f]{24})(?:/[^/]*)? ⇒ /article{id}
derstandard.at derstandard.de ⇒ /story/(?P<id>\d{7,})(?:/[^/]+)? ⇒ derstandard.at/story/{id}
diepresse.com ⇒ /(?P<id>\d{6,8})(?:/[^/]+)? ⇒ /{id}
nzz.ch luzernerzeitung.ch tagblatt.ch ⇒ /{S}{T}(?P<id>ld\.\d{5,}) ⇒ /{id}
stern.de faz.net tagesspiegel.de fr.de merkur.de tz.de hna.de giessener-allgemeine.de ⇒ /{S}{T}(?P<id>\d{7,12})\.html ⇒ /-{id}.html
handelsblatt.com wiwo.de ⇒ /{S}(?P<id>\d{8,9})\.html ⇒ /{id}.html
t-online.de ⇒ /{S}id_(?P<id>\d{6,})(?:/[^/]*)? ⇒ /id_{id}
waz.de nrz.de wr.de wp.de morgenpost.de abendblatt.de ⇒ /{S}article(?P<id>\d{6,})(?:/[^/]*)? ⇒ /article{id}
blick.ch ⇒ /{S}{T}id(?P<id>\d{6,})\.html ⇒ /id{id}.html
20min.ch ⇒ /story/{T}(?P<id>\d{9,}) ⇒ /story/{id}
bild.de ⇒ /{S}{T}(?P<id>[0-9a-f]{24}|\d{7,})(?:\.bild(?:Mobile)?\.html)? ⇒ /{id}
winfuture.de ⇒ /news,(?P<id>\d+)\.html ⇒ /news,{id}.html

# Britain, Ireland
independent.co.uk standard.co.uk ⇒ /{S}{T}(?P<id>[ab]\d{6,})\.html ⇒ /{id}
dailymail.co.uk dailymail.com thisismoney.co.uk ⇒ /{S}article-(?P<id>\d{6,})(?:/[^/]*)? ⇒ /article-{id}
express.co.uk ⇒ /(?:[\w-]+/)+(?P<id>\d{6,7})(?:/[^/]+)? ⇒ /{id}
mirror.co.uk dailyrecord.co.uk walesonline.co.uk manchestereveningnews.co.uk ⇒ /(?!all-about/){S}{T}(?P<id>\d{7,8}) ⇒ /{id}
irishtimes.com ⇒ /{S}{T}(?P<id>1\.\d{6,}) ⇒ /{id}
newscientist.com ⇒ /article/(?P<id>(?:mg|dn)?\d[\d-]*\d)-[^/]+ ⇒ /article/{id}
thetimes.co.uk ⇒ (?P<path>/.+/article/.+|/article/.+) ⇒ thetimes.com{path}
theregister.co.uk ⇒ (?P<path>/\d{4}/.+) ⇒ theregister.com{path}
ft.com ⇒ /(?:content|cms/s/\d)/(?P<id>{U})(?:\.html)? ⇒ /content/{id}

# North America
wsj.com barrons.com marketwatch.com ⇒ /(?!livecoverage/){S}{T}(?P<id>(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8}) ⇒ /articles/{id}
theverge.com vox.com polygon.com sbnation.com eater.com curbed.com recode.net ⇒ /(?P<day>\d{4}/\d{1,2}/\d{1,2})/(?P<id>\d{6,})(?:/[^/]+)? ⇒ /{day}/{id}
theverge.com vox.com polygon.com eater.com ⇒ /[a-z][\w-]*/(?P<id>\d{5,})(?:/[^/]+)? ⇒ /~/{id}
gizmodo.com kotaku.com jalopnik.com theonion.com avclub.com jezebel.com deadspin.com theroot.com ⇒ /{T}(?P<id>[12]\d{9}) ⇒ /{id}
huffpost.com huffingtonpost.co.uk huffingtonpost.fr huffingtonpost.es ⇒ /entry/(?:[^/]*_)?(?P<id>[0-9a-f]{24}) ⇒ /entry/{id}
huffingtonpost.com ⇒ /entry/(?:[^/]*_)?(?P<id>[0-9a-f]{24}) ⇒ huffpost.com/entry/{id}
theatlantic.com ⇒ /[\w-]+/(?:archive/)?\d{4}/\d\d/[^/]+/(?P<id>\d{6}) ⇒ /{id}
time.com ⇒ /(?P<id>\d{7})(?:/[^/]+)? ⇒ /{id}
sfgate.com sfchronicle.com chron.com houstonchronicle.com seattlepi.com timesunion.com ctpost.com ⇒ /{S}{T}(?P<id>\d{7,8})\.php ⇒ /{id}.php
newsday.com haaretz.com ⇒ /{S}{T}(?P<id>1\.\d{6,}) ⇒ /{id}
pcworld.com infoworld.com computerworld.com networkworld.com cio.com csoonline.com macworld.com techhive.com ⇒ /article/(?P<id>\d{5,})(?:/[^/]+)? ⇒ /article/{id}
seekingalpha.com ⇒ /(?P<kind>article|news)/(?P<id>\d{6,})(?:-[^/]*)? ⇒ /{kind}/{id}
benzinga.com ⇒ /{S}\d\d/\d\d/(?P<id>\d{7,})(?:/[^/]*)? ⇒ /{id}
lwn.net ⇒ /(?:Articles|SubscriberLink)/(?P<id>\d+)(?:/(?:rss|bigpage|[0-9a-f]{16}))? ⇒ /Articles/{id}
slashdot.org *.slashdot.org ⇒ /story/(?P<id>\d\d/\d\d/\d\d/\d+)(?:/[^/]+)? ⇒ slashdot.org/story/{id}
theconversation.com ⇒ /(?:[^/]+-)?(?P<id>\d{5,6}) ⇒ /{id}
jamanetwork.com ⇒ /journals/(?P<journal>[\w-]+)/(?:fullarticle|article-abstract|articlepdf)/(?P<id>\d{5,})(?:/[^/]+)? ⇒ /{journal}/{id}
buttondown.email ⇒ (?P<path>/.+/archive/.+) ⇒ buttondown.com{path}
www1.folha.uol.com.br ⇒ (?P<path>/.+) ⇒ folha.uol.com.br{path}
msn.com ⇒ /[a-z]{2}-[a-z]{2}/{S}(?P<id>(?:ar|vi|ss)-[A-Za-z0-9]{6,}) ⇒ /{id}
slate.com phys.org medicalxpress.com techxplore.com ⇒ (?P<path>/.+)\.(?:html|amp) ⇒ {path}

# Romance languages
lemonde.fr ⇒ /{S}[^/]*_(?P<id>\d{6,}_\d+)\.html ⇒ /{id}.html
20minutes.fr ⇒ /{S}(?P<id>\d{6,})(?:-20\d{6}-[^/]*)? ⇒ /{id}
lesechos.fr ⇒ /{S}{T}(?P<id>\d{6,7}) ⇒ /{id}
numerama.com frandroid.com ⇒ /{S}(?P<id>\d{5,})-[^/]*(?:\.html)? ⇒ /{id}
elmundo.es ⇒ /{S}(?P<id>[0-9a-f]{22,24})\.html ⇒ /{id}.html
20minutos.es ⇒ /noticia/(?P<id>\d+)(?:/\d+/[^/]*)? ⇒ /noticia/{id}
lavanguardia.com ⇒ /{S}\d{8}/(?P<id>\d{6,})/[^/]* ⇒ /{id}
elconfidencial.com ⇒ /{S}[^/]*_(?P<id>\d{6,}) ⇒ /{id}
eldiario.es ⇒ /{S}[^/]*_(?P<id>\d_\d{6,})\.html ⇒ /{id}.html
repubblica.it lastampa.it ⇒ /{S}{T}(?P<id>\d{7,9}) ⇒ /{id}
corriere.it ⇒ /{S}[^/]*_(?P<id>{U})(?:_amp|_preview)?\.shtml ⇒ /{id}
publico.pt ⇒ /{S}{T}(?P<id>\d{7}) ⇒ /{id}
clarin.com ⇒ /{S}[^/]*_(?P<id>\d+_\w{10})\.html ⇒ /{id}.html
lanacion.com.ar ⇒ /{S}{T}(?P<id>nid\d{6,}) ⇒ /{id}

# Nordic countries, Low Countries, Poland
vg.no aftenposten.no bt.no aftenbladet.no e24.no aftonbladet.se svd.se ⇒ /{S}(?P<kind>i|a)/(?P<id>[A-Za-z0-9]{5,7})(?:/[^/]+)? ⇒ /{kind}/{id}
hs.fi is.fi ⇒ /{S}art-(?P<id>\d{13})(?:\.html)? ⇒ /art-{id}.html
iltalehti.fi ⇒ /(?:[\w-]+/)?a/(?P<id>{U}) ⇒ /a/{id}
politiken.dk ⇒ /{S}art(?P<id>\d{6,})(?:/[^/]*)? ⇒ /art{id}
jyllands-posten.dk jp.dk finans.dk ⇒ /{S}ECE(?P<id>\d{6,})(?:/[^/]*)? ⇒ /ECE{id}
ekstrabladet.dk ⇒ /{S}(?P<id>\d{7,8}) ⇒ /{id}
nu.nl ⇒ /(?:[\w-]+/)?(?P<id>\d{7})(?:/[^/]+)? ⇒ /{id}
tweakers.net ⇒ /(?P<kind>nieuws|reviews|geek)/(?P<id>\d+)(?:/[^/]+)? ⇒ /{kind}/{id}
telegraaf.nl ⇒ /{S}(?P<id>\d{6,})/[^/]+ ⇒ /{id}
ad.nl volkskrant.nl trouw.nl parool.nl hln.be demorgen.be bndestem.nl gelderlander.nl ⇒ /{S}[^/]*~(?P<id>[ab][0-9a-f]{6,}) ⇒ /~{id}
nrc.nl ⇒ /{S}{T}(?P<id>a\d{7}) ⇒ /{id}
standaard.be nieuwsblad.be ⇒ /cnt/(?P<id>[a-z]+\d{8}_\d+)(?:/[^/]*)? ⇒ /cnt/{id}
wyborcza.pl *.wyborcza.pl *.gazeta.pl ⇒ /{S}\d+,\d+,(?P<id>\d{6,})(?:,[^/]*)?\.html ⇒ /{id}.html
*.wp.pl ⇒ /{T}(?P<id>\d{13,}[av]?) ⇒ /{id}

# Asia, Oceania, Russia, Turkey, Israel
timesofindia.indiatimes.com economictimes.indiatimes.com navbharattimes.indiatimes.com ⇒ /{S}(?P<kind>articleshow|videoshow|liveblog|photostory|slideshow)/(?P<id>\d{6,})(?:\.cms)? ⇒ /{kind}/{id}.cms
thehindu.com thehindubusinessline.com frontline.thehindu.com sportstar.thehindu.com ⇒ /{S}article(?P<id>\d{6,})\.ece ⇒ /article{id}.ece
indianexpress.com financialexpress.com loksatta.com jansatta.com ⇒ /{S}{T}(?P<id>\d{6,})(?:/lite)? ⇒ /{id}
hindustantimes.com livemint.com ⇒ /{S}{T}(?P<id>\d{13,})\.html ⇒ /{id}.html
business-standard.com ⇒ /{S}{T}(?P<id>\d{12,}_\d)\.html ⇒ /{id}.html
scroll.in ⇒ /(?P<kind>article|latest)/(?P<id>\d{6,})(?:/[^/]+)? ⇒ /{kind}/{id}
deccanherald.com channelnewsasia.com ⇒ /{S}{T}(?P<id>\d{6,7}) ⇒ /{id}
scmp.com ⇒ /{S}article/(?P<id>\d{6,7})(?:/[^/]*)? ⇒ /article/{id}
bangkokpost.com ⇒ /{S}(?P<id>\d{6,7})(?:/[^/]*)? ⇒ /{id}
*.inquirer.net ⇒ /(?P<id>\d{4,})(?:/[^/]+)? ⇒ /{id}
*.detik.com ⇒ /{S}d-(?P<id>\d{6,})(?:/[^/]*)? ⇒ /d-{id}
news.com.au theaustralian.com.au heraldsun.com.au dailytelegraph.com.au couriermail.com.au adelaidenow.com.au ⇒ /{S}news-story/(?P<id>[0-9a-f]{32}) ⇒ /news-story/{id}
smh.com.au theage.com.au brisbanetimes.com.au watoday.com.au afr.com ⇒ /{S}[^/]*-\d{8}-(?P<id>p[0-9a-z]{5})(?:\.html)? ⇒ /{id}
stuff.co.nz ⇒ /{S}(?P<id>\d{8,9})(?:/[^/]+)? ⇒ /{id}
nzherald.co.nz ⇒ /{S}(?P<id>[A-Z0-9]{26}) ⇒ /{id}
n.news.naver.com ⇒ /(?:mnews/)?(?:hotissue/)?article/(?P<paper>\d{3})/(?P<id>\d{10}) ⇒ /article/{paper}/{id}
news.v.daum.net v.daum.net ⇒ /v/(?P<id>\d{14,}) ⇒ v.daum.net/v/{id}
itmedia.co.jp ⇒ /(?P<room>[\w-]+)/(?:spv|articles)/(?P<id>.+) ⇒ /{room}/articles/{id}
new.qq.com news.qq.com view.inews.qq.com ⇒ /{S}(?P<id>20\d{6}[A-Z0-9]{8})(?:\.html)? ⇒ news.qq.com/rain/a/{id}
toutiao.com ⇒ /(?:article/|group/|a|i)(?P<id>\d{16,}) ⇒ /article/{id}
rbc.ru ⇒ /rbcnews(?P<path>/.+) ⇒ {path}
habr.com ⇒ (?P<lang>/(?:ru|en))/(?:post|news|articles|compan(?:y|ies)/[\w-]+/(?:blog|articles|news))/(?:t/)?(?P<id>\d+) ⇒ {lang}/articles/{id}
vc.ru dtf.ru ⇒ /(?:[\w.-]+/)?(?P<id>\d{5,8})(?:-[^/]*)? ⇒ /{id}
hurriyet.com.tr milliyet.com.tr ⇒ /{S}{T}(?P<id>\d{7,8}) ⇒ /{id}
jpost.com ⇒ /{S}article-(?P<id>\d{6,}) ⇒ /article-{id}
"""
