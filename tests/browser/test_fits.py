"""Every tab on every screen: titles are whole, and nothing lies over what it is not part of."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from playground.concepts import CONCEPTS
from tests.browser.conftest import Pages
from tests.browser.tab import Tab

FAULTS = """() => {
  const faults = [];
  const rect = (element) => element.getBoundingClientRect();
  const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
  const overlap = (a, b) => shared(a, b, 'left', 'right') > 1 && shared(a, b, 'top', 'bottom') > 1;
  const how = { opacityProperty: true, visibilityProperty: true };
  const isSeen = (text) => text.textContent && text.checkVisibility(how);
  for (const knobs of document.querySelectorAll('.knobs')) {
    const isWhole = knobs.scrollHeight <= knobs.clientHeight && rect(knobs).bottom <= innerHeight;
    if (knobs.offsetParent && innerHeight >= 900 && !isWhole) faults.push('the knobs do not fit the screen');
  }
  for (const box of document.querySelectorAll('.boxes-board > .figure-box')) {
    if (!box.offsetParent || box.classList.contains('place-inset')) continue;
    const say = (what) => faults.push(`${box.dataset.view}: ${what}`);
    const [title, badge, body] = ['.title', '.age', '.plot'].map((s) => box.querySelector(s));
    if (title.scrollWidth > title.clientWidth) say('its title is cut');
    const words = document.createRange();
    words.selectNodeContents(title);
    if (!badge.hidden && overlap(rect(badge), rect(words))) say('the badge lies on the title');
    if (!badge.hidden && overlap(rect(badge), rect(body))) say('the badge lies on the picture');
    const chart = box.querySelector('.chart.js-plotly-plot');
    if (!chart) continue;
    const outer = rect(chart);
    const legend = chart.querySelector('g.legend');
    for (const { xaxis, yaxis } of Object.values(chart._fullLayout._plots)) {
      const left = outer.left + xaxis._offset, top = outer.top + yaxis._offset;
      const area = { left, top, right: left + xaxis._length, bottom: top + yaxis._length };
      if (legend && overlap(rect(legend), area)) say('its legend lies on curves');
    }
    for (const text of chart.querySelectorAll('g.xtick text, g.ytick text, g.infolayer text')) {
      const { left, right, top, bottom } = rect(text);
      const cut = left < outer.left - 1 || right > outer.right + 1 || top < outer.top - 1 || bottom > outer.bottom + 1;
      if (cut && isSeen(text)) say(`"${text.textContent}" is cut`);
      const size = parseFloat(getComputedStyle(text).fontSize);
      if (size < 11) say(`"${text.textContent}" has ${size} pixels`);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_titles_are_whole_and_nothing_overlaps(open_page: Pages, width: int, height: int) -> None:
    page = open_page(width=width, height=height, touch=width < 500)
    faults: list[str] = []
    for concept in CONCEPTS:
        config = concept.config()
        views = [view.name for view in concept.views_for(config) if view.place != "more"]
        page.get_by_role("tab", name=concept.title, exact=True).click()
        Tab(concept.slug, tuple(views)).wait_drawn(page)
        faults += [f"{concept.slug}: {fault}" for fault in page.evaluate(FAULTS)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
def test_every_setting_fits_before_a_run_with_its_own_pictures_in_view(
    open_page: Pages, width: int, height: int
) -> None:
    faults: list[str] = []
    for concept in CONCEPTS:
        for setting in concept.all_settings[1:]:
            config = concept.pre_trained_config(setting.name)
            views = {view.name: view.place for view in concept.views_for(config) if view.place != "more"}
            tab = Tab(concept.slug, tuple(views))
            page = tab.opened(open_page, "&" + urlencode(config.as_link()), width=width, height=height)
            shown = page.locator(".boxes-board > .figure-box:not(.place-inset):visible")
            assert set(shown.evaluate_all("boxes => boxes.map((box) => box.dataset.view)")) == set(views)
            hero = tab.view(page, next(name for name, place in views.items() if place == "hero")).bounding_box()
            assert hero and hero["y"] + hero["height"] <= height
            faults += [f"{concept.slug}, {setting.name}: {fault}" for fault in page.evaluate(FAULTS)]
    assert not faults, "\n".join(faults)
