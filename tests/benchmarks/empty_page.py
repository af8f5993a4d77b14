"""Gradio's smallest page, with which ours is compared."""

import gradio as gr

if __name__ == "__main__":
    with gr.Blocks(analytics_enabled=False) as page:
        gr.HTML('<p class="nothing">nothing</p>')
    page.launch(ssr_mode=False)
