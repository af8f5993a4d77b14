"""The look: Gradio's base theme, tightened, with the fonts of the visitor's own system (no network fonts)."""

import gradio as gr

from playground.palette import DARK, LIGHT

FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"]

THEME = gr.themes.Base(
    primary_hue=gr.themes.colors.blue,
    neutral_hue=gr.themes.colors.slate,
    spacing_size=gr.themes.sizes.spacing_sm,
    radius_size=gr.themes.sizes.radius_md,
    text_size=gr.themes.sizes.text_sm,
    font=FONTS,
    font_mono=MONO,
).set(
    body_background_fill=LIGHT["page"],
    body_background_fill_dark=DARK["page"],
    block_background_fill=LIGHT["card"],
    block_background_fill_dark=DARK["card"],
    block_border_width="0px",
    block_shadow="none",
    layout_gap="8px",
    block_padding="6px 8px",
    button_primary_background_fill=LIGHT["accent"],
    button_primary_background_fill_hover=LIGHT["accent-strong"],
    button_primary_background_fill_dark=DARK["accent-strong"],
    button_primary_text_color="white",
)
