"""The look: Gradio's base theme, tightened, with the fonts of the visitor's own system (no network fonts)."""

import gradio as gr

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
    body_background_fill="*neutral_50",
    body_background_fill_dark="#11151c",
    block_background_fill="white",
    block_background_fill_dark="#1a202a",
    block_border_width="0px",
    block_shadow="none",
    layout_gap="8px",
    block_padding="6px 8px",
    button_primary_background_fill="#1d5fae",
    button_primary_background_fill_hover="#174d8d",
    button_primary_background_fill_dark="#2b74cc",
    button_primary_text_color="white",
)
