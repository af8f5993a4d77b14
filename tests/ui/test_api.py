"""The named API, as `gradio_client` sees it."""

from __future__ import annotations

import re
import time
import warnings
from typing import Any

import gradio as gr
import httpx
import pytest

from playground.concepts import CONCEPTS
from playground.engine.hosts import HostDied
from playground.engine.run import Run
from playground.ui.api import errors_as_sentences
from playground.wording import parse_config
from tests.serving import ROOT, Server

pytestmark = pytest.mark.slow
AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's own dependencies warn
        from gradio_client import Client

        return Client(server.url, verbose=False)


def predict(client: Any, *arguments: Any, api_name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return client.predict(*arguments, api_name=api_name)


def refusal(client: Any, *arguments: Any, api_name: str) -> str:
    with pytest.raises(Exception) as caught:
        predict(client, *arguments, api_name=api_name)
    return str(caught.value)


def test_the_api_is_named_and_nothing_else_is_public(client: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named = client.view_api(return_format="dict")["named_endpoints"]
    expected = {"/concepts"} | {
        f"/{c.slug.replace('-', '_')}_{verb}" for c in CONCEPTS for verb in ("train", "ask", "close")
    }
    assert set(named) == expected


def test_concepts_are_described(client: Any) -> None:
    about = predict(client, api_name="/concepts")["autoencoder"]
    assert about["knobs"]["beta"]["maximum"] == 50 and "cvae" in about["presets"]
    assert about["metrics"]["heldout/kl"]["unit"] == "nats per image"


def test_a_run_trains_answers_and_closes_with_the_numbers_of_the_app(client: Any) -> None:
    knobs = {"latent": 3, "seed": 5}
    first = predict(client, knobs, 4, "", api_name="/autoencoder_train")
    second = predict(client, {}, 3, first["run"], api_name="/autoencoder_train")
    run = Run(AUTOENCODER, parse_config(AUTOENCODER.config, knobs))
    run.advance(600, max_steps=7)
    assert (first["step"], second["step"]) == (4, 7)
    assert second["metrics"] == run.latest and not second["error"]
    figure = predict(client, first["run"], "decode", {"x": 0.5, "y": -0.5}, api_name="/autoencoder_ask")
    assert figure["layout"]["images"][0]["source"].startswith("data:image/png;base64,")
    assert predict(client, first["run"], api_name="/autoencoder_close") == {"closed": True}
    assert "not on the server any more" in refusal(client, {}, 1, first["run"], api_name="/autoencoder_train")
    assert predict(client, "no-such-run", api_name="/autoencoder_close") == {"closed": False}


def test_bad_input_comes_back_as_a_sentence(client: Any) -> None:
    train = "/autoencoder_train"
    assert "KL weight (beta): 99 is too large; the largest allowed value is 50." in refusal(
        client, {"beta": 99}, 5, "", api_name=train
    )
    assert "bta: there is no such setting; did you mean beta" in refusal(client, {"bta": 1}, 5, "", api_name=train)
    assert "(latent): 'two' is not a whole number." in refusal(client, {"latent": "two"}, 5, "", api_name=train)
    assert "steps: -3 is not a whole number between 1 and 100000" in refusal(client, {}, -3, "", api_name=train)
    assert "config: [1] is not an object of knobs" in refusal(client, [1], 5, "", api_name=train)
    run = predict(client, {}, 1, "", api_name=train)["run"]
    ask = "/autoencoder_ask"
    assert "First coordinate (x): 99 is too large" in refusal(client, run, "decode", {"x": 99}, api_name=ask)
    assert "There is no probe 'decod'" in refusal(client, run, "decod", {}, api_name=ask)
    assert "drawing is empty" in refusal(client, run, "draw", {"drawing": ""}, api_name=ask)
    predict(client, run, api_name="/autoencoder_close")


def test_a_diverged_run_says_so(client: Any) -> None:
    answer = predict(client, {"lr": 10}, 60, "", api_name="/autoencoder_train")
    assert "diverged at step" in answer["error"]
    predict(client, answer["run"], api_name="/autoencoder_close")


def test_sixty_streams_leave_room_for_others(toy_server: Server) -> None:
    """Gradio's queue works on 40 events at once unless it is told otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gradio_client import Client

        streaming, other = (Client(toy_server.url, verbose=False) for _ in range(2))
        jobs = [
            streaming.submit({"seed": i, "steps": 100_000}, 100_000, "", api_name="/slow_toy_train") for i in range(60)
        ]
        for _ in range(200):
            if sum(job.status().code.name == "PROCESSING" for job in jobs) == 60:
                break
            time.sleep(0.1)
        assert other.predict({}, 3, "", api_name="/toy_train")["step"] == 3
        assert not any(job.done() for job in jobs)


def test_nobody_can_store_a_file(server: Server) -> None:
    reply = httpx.post(server.url + "/gradio_api/upload", files={"files": b"anything"})
    assert reply.status_code == 403 and reply.text == "This playground takes no files."


def test_text_is_compressed_on_the_wire(server: Server) -> None:
    page = httpx.get(server.url, headers={"Accept-Encoding": "gzip"})
    root = re.findall(r'data-root="(.+?)"', page.text)[0]
    paths = ("static/js/tab.js", "about/autoencoder.json", "lesson/autoencoder.json", "plotly.min.js")
    replies = [httpx.get(f"{server.url}/{root}/{path}", headers={"Accept-Encoding": "gzip"}) for path in paths]
    for reply in (page, *replies):
        assert reply.status_code == 200 and reply.headers.get("content-encoding") == "gzip", reply.url
    assert page.text.index("page-data") < page.text.index("assets/index-"), "our tags come with the page, not after it"


def test_the_readmes_example_runs(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.+?)```", readme, flags=re.S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(example.replace("http://127.0.0.1:7860", server.url), {})
    assert re.search(r"^200 1\d\d\.\d", capsys.readouterr().out, flags=re.M)


def test_the_log_has_no_traceback(server: Server) -> None:
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("error", [HostDied(), RuntimeError("anything")])
def test_every_failure_is_a_sentence(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(gr.Error) as caught, errors_as_sentences():
        raise error
    assert "ended unexpectedly" in str(caught.value) or "Something went wrong" in str(caught.value)
