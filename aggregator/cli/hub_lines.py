"""Our WebSub hub in ``aggregator status``: counts, and what cannot be told; nobody is named."""

from __future__ import annotations

from aggregator.model import HubReport
from aggregator.privacy.masking import masked


def hub_lines(report: HubReport) -> list[str]:
    """Lines on subscribers of each output, and on other hubs that were not told; none without any."""
    lines = []
    for one in report.audiences:
        parts = [f"{one.subscribers} subscribed"]
        parts += [f"{one.failing} failing"] if one.failing else []
        parts += [f"{one.dropped} given up within a week"] if one.dropped else []
        why = f"; last: {one.error}" if one.error else ""
        lines.append(f"hub, {one.output}: {', '.join(parts)}{why}")
    if report.unverified:
        lines.append(f"hub: {report.unverified} requests to be confirmed")
    for hub, since, error in report.unreached:
        lines.append(f"hub {masked(hub)} not told since {since:%Y-%m-%d %H:%M} UTC: {error}")
    return lines
