"""What stands on the page of a figure: its texts with their rectangles, and which of them cover each other."""

import itertools

import matplotlib


def texts(figure, ticks=True):
    """Texts that are drawn, with their rectangles [pixels at 100 dpi]; without the numbers along axes on request."""
    figure.set_dpi(100)
    figure.draw_without_rendering()
    unseen = set()
    for axis in figure.findobj(matplotlib.axis.Axis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            # labels beyond the ends of an axis exist, but are not drawn, as those of axes that are off
            if not ticks or not axis.axes.axison or not low <= tick.get_loc() <= high:
                unseen |= {tick.label1, tick.label2}
    found = [t for t in figure.findobj(matplotlib.text.Text) if t not in unseen]
    return [(t.get_text(), t.get_window_extent()) for t in found if t.get_visible() and t.get_text().strip()]


def overlaps(boxes):
    """Pairs of texts that cover each other."""
    return [(a, b) for (a, p), (b, q) in itertools.combinations(boxes, 2) if p.overlaps(q)]


def outside(figure, boxes):
    """Texts that leave the page."""
    page = figure.bbox.padded(1)
    return [w for w, b in boxes if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 or b.y1 > page.y1]
