"""One Gradio control for each field of a pydantic model: the declaration is the control, its bounds and its help."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args, get_origin

import gradio as gr
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from playground.concept import Knob
from playground.ui.draw_pad import DrawPad

LADDER = (1.0, 2.0, 5.0)


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """(lowest, highest) allowed value, None where there is no bound."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return low, high


def label_of(name: str, field: FieldInfo) -> str:
    knob = Knob.of(field)
    title = field.title or name.replace("_", " ").capitalize()
    mark = f"  {knob.symbol}" if knob.symbol else ""
    return f"{title}{mark}" + ("  ● live" if knob.live else "")


def rungs(low: float, high: float, default: float) -> list[tuple[str, float]]:
    """Round values 1, 2, 5, 10 … between the bounds, as (text, value)."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = {float(f"{m * 10.0**p:.6g}") for p in powers for m in LADDER} | {default}
    return [(f"{v:g}", v) for v in sorted(values) if low <= v <= high]


def control(name: str, field: FieldInfo) -> gr.components.Component:
    """The control of one field, showing its default."""
    label, info = label_of(name, field), field.description
    default = field.default
    low, high = bounds(field)
    if "drawing" in field.metadata:
        return DrawPad(label=label)
    if get_origin(field.annotation) is Literal:
        choices = list(get_args(field.annotation))
        if len(choices) <= 3:
            return gr.Radio(choices, value=default, label=label, info=info, interactive=True)
        return gr.Dropdown(choices, value=default, label=label, info=info, interactive=True)
    if field.annotation is str:
        return gr.Textbox(default, label=label, info=info, interactive=True)
    if field.annotation is bool:
        return gr.Checkbox(value=default, label=label, info=info, interactive=True)
    if Knob.of(field).log and low and high:
        return gr.Dropdown(
            rungs(low, high, default), value=default, label=label, info=info, allow_custom_value=True, interactive=True
        )
    whole = field.annotation is int
    if low is not None and high is not None and high - low <= 1000:
        step = 1 if whole else float(f"{(high - low) / 200:.1g}")
        return gr.Slider(low, high, value=default, step=step, label=label, info=info, interactive=True, buttons=[])
    return gr.Number(value=default, precision=0 if whole else None, label=label, info=info, interactive=True)


def controls(model: type[BaseModel]) -> dict[str, gr.components.Component]:
    """Field name → its control, basic ones first, the advanced ones folded away."""
    fields = model.model_fields
    made = {name: control(name, f) for name, f in fields.items() if not Knob.of(f).advanced}
    folded = [name for name, f in fields.items() if Knob.of(f).advanced]
    if folded:
        with gr.Accordion("More knobs", open=False, elem_classes="more-knobs"):
            made |= {name: control(name, fields[name]) for name in folded}
    return {name: made[name] for name in fields}


def value_of(field: FieldInfo, raw: Any) -> Any:
    """What a control sends, as pydantic should see it (a typed-in ladder value arrives as text)."""
    if isinstance(raw, str) and field.annotation in (int, float):
        try:
            return float(raw)
        except ValueError:
            return raw
    if field.annotation is int and isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw
