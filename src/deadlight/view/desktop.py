"""The viewer as a window on a desktop: time slider, field, cut, parts on and off, K at a picked point of a front.

The same parts and colours as in `viewer.js`; it needs a display, or draws off screen for tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.view import render
from deadlight.view import window_scenes as scene
from deadlight.view.shown import FrontPart, WindowView

Array = np.ndarray[Any, np.dtype[np.float64]]
CRACKS = "cracks"
HELP = "f field   c cut   p + click K at a front   q close"


class Desktop:
    """One window.

    Parameters
    ----------
    off_screen : bool
        Without a display.
    """

    def __init__(self, view: WindowView, *, off_screen: bool = False) -> None:
        pv = render.pyvista()
        pv.OFF_SCREEN = off_screen
        self.view = view
        self.time, self.field, self.cut = view.governing_time, view.field_names[0], True
        self.hidden: set[str] = set()
        self.point = _worst_point(view)
        self._windows = {True: scene.CutWindow(view), False: scene.CutWindow(view, whole=True)}
        self._coloured: list[Any] = []
        self.plotter = pv.Plotter(off_screen=off_screen, window_size=(1400, 900), title=view.title)
        self.plotter.set_background("white")
        self.draw()
        scene.camera(self.plotter, view)

    def widgets(self) -> None:
        """Slider, boxes and keys."""
        low, high = float(self.view.times[0]), float(self.view.times[-1])
        place = {"pointa": (0.28, 0.06), "pointb": (0.78, 0.06), "style": "modern", "color": "black"}
        self.plotter.add_slider_widget(
            self.at_time, (low, high), value=self.time, title=f"time after {self.view.since} [s]", fmt="%.0f", **place
        )
        for i, name in enumerate([*(part.name for part in self.view.solids), CRACKS]):
            height = 30 + 34 * i
            self.plotter.add_checkbox_button_widget(
                lambda on, name=name: self.toggle(name, on), value=True, position=(12, height), size=24
            )
            self.plotter.add_text(name, position=(44, height), font_size=9, color="black")
        self.plotter.add_key_event("f", self.next_field)
        self.plotter.add_key_event("c", self.turn_cut)
        self.plotter.enable_point_picking(
            callback=self.pick, show_message=False, show_point=False, left_clicking=False, use_picker=True
        )
        self.plotter.add_text(HELP, position="lower_right", font_size=9, color="black")

    def draw(self) -> None:
        """Everything again; camera and widgets stay."""
        p = self.plotter
        for name in list(p.scalar_bars.keys()):
            p.remove_scalar_bar(name)
        for actor in getattr(self, "_actors", ()):
            p.remove_actor(actor, render=False)
        before = set(p.actors)
        window = self._windows[self.cut]
        self._coloured = window.draw(p, self.field, self.time, range_of="history", hidden=sorted(self.hidden))
        if CRACKS not in self.hidden:
            scene.draw_cracks(p, self.view, time=self.time, range_of="history")
        for title, bar in p.scalar_bars.items():  # above the boxes
            if title.startswith("opening"):
                bar.SetPosition(0.03, 0.45)
                bar.SetHeight(0.4)
        if self.point is not None:
            front, i = self.point
            _, size = scene.extent(self.view)
            ball = render.pyvista().Sphere(radius=0.006 * size, center=front.points[i])
            p.add_mesh(ball, color="#CC0000", name="picked")
        self._actors = [name for name in p.actors if name not in before]
        self.tell()

    def at_time(self, time: float) -> None:
        """Another time: colours and numbers change, the surfaces stay."""
        self.time = float(time)
        self._windows[self.cut].show(self._coloured, self.field, self.time)
        self.tell()
        self.plotter.render()

    def toggle(self, name: str, on: bool) -> None:
        """A part on or off."""
        (self.hidden.discard if on else self.hidden.add)(name)
        self.draw()

    def next_field(self) -> None:
        """The next field."""
        names = self.view.field_names
        self.field = names[(names.index(self.field) + 1) % len(names)]
        self.draw()

    def turn_cut(self) -> None:
        """Cut open or whole."""
        self.cut = not self.cut
        self.draw()

    def pick(self, place: Array, *_: Any) -> None:
        """The point of a front nearest to a place."""
        if not self.view.fronts or place is None:
            return
        far = [np.linalg.norm(f.points - np.asarray(place), axis=1) for f in self.view.fronts]
        which = int(np.argmin([d.min() for d in far]))
        self.point = self.view.fronts[which], int(far[which].argmin())
        self.draw()

    @property
    def reading(self) -> str:
        """K at the chosen point and time."""
        if self.point is None:
            return ""
        front, i = self.point
        k, limit, error = (np.interp(self.time, front.time, x[:, i]) for x in (front.k, front.toughness, front.error))
        unit = f"K = {k / 1e6:.4g} +- {error / 1e6:.2g} MPa m^0.5, K/K_Ic = {k / limit:.3f}"
        return f"{front.name}, point {i + 1} of {len(front.points)}: {unit}"

    def tell(self) -> None:
        """The lines at the top."""
        text = f"{scene.NAMES[self.field]}, {scene.told(self.view, self.time)}\n{self.reading}"
        self.plotter.add_text(text, position="upper_left", font_size=10, color="black", name="told")


def _worst_point(view: WindowView) -> tuple[FrontPart, int] | None:
    front, _, point = view.worst
    return None if front is None else (front, point)


def open_window(view: WindowView) -> None:
    """Shows the window until it is closed."""
    render.on_a_display()
    desktop = Desktop(view)
    try:
        desktop.widgets()
        desktop.plotter.show()
    finally:
        desktop.plotter.close()
