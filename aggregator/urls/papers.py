"""Papers: arXiv's pages of one article, and the pages that publishers and resolvers have for one DOI.

A version (``v2``) is the same article: feeds announce it under its plain name as well. What comes
with a paper (supplements, comments, tables of contents) has an address of its own and keeps it.
"""

from __future__ import annotations

import re

# arXiv's mirrors, and readers that show its articles under its own identifiers
# (https://info.arxiv.org/help/arxiv_identifier.html).
_ARXIV_HOSTS = frozenset(
    """
    arxiv.org export.arxiv.org browse.arxiv.org cn.arxiv.org lanl.arxiv.org xxx.lanl.gov
    alphaxiv.org ar5iv.org ar5iv.labs.arxiv.org
    """.split()  # noqa: SIM905 - one host a line would hide the list
)
_ARXIV_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?=[./])(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|ps|format|overview)/{_ARXIV_ID}(?:\.pdf)?")
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.{_ARXIV_ID}", re.IGNORECASE)
_SUBJECT_CLASS = re.compile(r"\.[A-Z]{2}(?=/)")  # "math.GT/0309136" is "math/0309136"

_DOI = r"(?P<doi>10\.\d{4,9}/.+?)"
# Atypon's sites and many more: "/doi/10.…", with the form of the text between.
_DOI_PATH = re.compile(
    rf"/doi/(?:(?:abs|abstract|full|full-html|html|book|epub|reader)/)?{_DOI}|"
    r"/doi/(?:pdf|epdf|pdfplus|pdfdirect)/(?P<pdf>10\.\d{4,9}/.+?)(?:\.pdf)?"
)
# Publishers whose paths hold the DOI elsewhere: host and all below it → its pages of an article.
_PUBLISHERS = {
    "doi.org": re.compile(rf"/(?:doi:)?{_DOI}", re.IGNORECASE),
    "springer.com": re.compile(
        rf"/(?:article|chapter|book|content/pdf)/{_DOI}(?:\.pdf|/fulltext\.html)?"
    ),
    "biomedcentral.com": re.compile(rf"/articles/{_DOI}"),
    "springeropen.com": re.compile(rf"/articles/{_DOI}"),
    "biorxiv.org": re.compile(
        r"/content/(?P<doi>10\.\d{4,9}/[\d.]*\d)(?:v\d+)?(?:\.(?:full|abstract|full-text))?(?:\.pdf)?"
    ),
    "journals.aps.org": re.compile(rf"/\w+/(?:abstract|pdf)/{_DOI}"),
    "frontiersin.org": re.compile(
        r"/(?:journals/[^/]+/)?articles?/(?P<doi>10\.3389/[^/]+)(?:/(?:full|abstract|pdf))?"
    ),
    "annualreviews.org": re.compile(rf"/content/journals/{_DOI}"),
    "degruyter.com": re.compile(rf"/document/doi/{_DOI}(?:/(?:html|pdf))?"),
    "emerald.com": re.compile(rf"/insight/content/doi/{_DOI}/full/(?:html|pdf)"),
    "iopscience.iop.org": re.compile(rf"/article/{_DOI}(?:/(?:pdf|meta))?"),
}
_PUBLISHERS["medrxiv.org"] = _PUBLISHERS["biorxiv.org"]
# Springer Nature's names of articles are the second half of their DOI.
_NATURE = re.compile(r"/articles/(?P<id>[sd]\d{5}-\d{3}-\d{5}-[\da-z])(?:\.pdf|_reference\.pdf)?")
_ELIFE = re.compile(r"/(?:articles|reviewed-preprints)/(?P<id>\d{4,})")
_PLOS = re.compile(r"/\w+/article/?")
_PLOS_ID = re.compile(r"(?:^|&)id=(10\.1371/[^&]+)")


def paper(host: str, path: str, query: str) -> tuple[str, str] | None:
    """Host and path for all pages of the paper at this address (``host`` without ``www.``); None for none."""
    if host in _ARXIV_HOSTS:
        found = _ARXIV_PATH.fullmatch(path)
        return _of_arxiv(found["id"]) if found else None
    doi = _doi(host, path, query)
    if doi is None:
        return None
    found = _ARXIV_DOI.fullmatch(doi)
    # A DOI is the same in any case (DOI Handbook §2.4).
    return _of_arxiv(found["id"]) if found else ("doi.org", f"/{doi.lower()}")


def _of_arxiv(identifier: str) -> tuple[str, str]:
    return "arxiv.org", f"/abs/{_SUBJECT_CLASS.sub('', identifier)}"


def _doi(host: str, path: str, query: str) -> str | None:
    if path.startswith("/doi/"):
        found = _DOI_PATH.fullmatch(path)
        return (found["doi"] or found["pdf"]) if found else None
    if host == "nature.com":
        found = _NATURE.fullmatch(path)
        return f"10.1038/{found['id']}" if found else None
    if host == "elifesciences.org":
        found = _ELIFE.fullmatch(path)
        return f"10.7554/elife.{found['id']}" if found else None
    if host == "journals.plos.org":
        found = _PLOS_ID.search(query) if _PLOS.fullmatch(path) else None
        return found[1] if found else None
    if "/10." not in path and "/doi:" not in path:
        return None
    if host.endswith("doi.org"):
        path = path.replace("%2F", "/")
    pattern = _PUBLISHERS.get(host) or _PUBLISHERS.get(host.partition(".")[2])
    found = pattern.fullmatch(path) if pattern else None
    return found["doi"] if found else None
