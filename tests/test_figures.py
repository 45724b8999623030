"""Interactive figures in a browser: the same pixels as in Python, light, lazy, and reachable in every way."""
import base64
import gzip
import io

import numpy as np
import pytest
from figure_weights import FIGURES, FOLDER, SMALL, pack, places, prepare, quantized, reader, unpack
from helpers import TWINS
from pages import ROOT
from PIL import Image

from aebook.specs import MLP
from aebook.weights import weight_shapes

LABELS = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
PAGE = {name: path.relative_to(ROOT).with_suffix("").as_posix() for name, (path, _) in places().items()}
each_figure = pytest.mark.parametrize("name", FIGURES)
each_file = pytest.mark.parametrize("framework", LABELS)
PLANE = "figure.interactive-latent-plane"


def data(name, framework):
    return (FOLDER / f"{name}.{framework}.safetensors").read_bytes()


def show(page, name, framework="torch"):
    """Open the chapter and scroll to the figure, until its weights are at work."""
    page.goto(f"/{PAGE[name]}.html?framework={framework}")
    figure = page.locator(f"figure.interactive-{name}")
    figure.scroll_into_view_if_needed()
    page.wait_for_selector(f"figure.interactive-{name}[data-framework={framework}]")
    return figure


def canvas(page, selector):
    """The gray values of a canvas of 28 x 28, from 0 (white) to 255 (black)."""
    pixels = page.evaluate("""selector => { const canvas = document.querySelector(selector);
        return [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]; }""", selector)
    return 255 - np.array(pixels)[::4]


# The files

def test_every_file_has_a_figure_and_every_figure_its_files():
    assert set(PAGE) == set(FIGURES)
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{figure}{end}" for figure in FIGURES for end in (".png", ".torch.safetensors", ".tensorflow.safetensors")}

@each_figure
@each_file
def test_a_file_holds_what_its_header_says(name, framework):
    weights, examples, figure = unpack(data(name, framework))
    spec = MLP(**figure["spec"])
    shapes = weight_shapes(spec)
    assert {layer for layers in figure["layers"].values() for layer, _ in layers} == {
        weight.rpartition(".")[0] for weight in weights}
    for weight, value in weights.items():
        assert value.shape == shapes[weight] and value.dtype == np.float32 and np.isfinite(value).all()
        assert np.abs(value).max() > 0


def test_both_frameworks_write_the_same_bytes_for_the_same_weights():
    spec = MLP(784, (64,), 2, likelihood="bernoulli")
    files = [pack(spec, ae.get_weights(ae.Autoencoder(spec, seed=3)), ["encoder", "decoder"],
                  {"codes": np.eye(2, dtype="float32")}, {"b": 1, "a": 2}) for ae in TWINS.values()]
    assert files[0] == files[1]
    other = pack(spec, TWINS["torch"].get_weights(TWINS["torch"].Autoencoder(spec, seed=4)), ["encoder", "decoder"],
                 {}, {})
    assert files[0] != other


def test_a_large_weight_is_stored_in_steps_and_a_small_one_as_it_is():
    spec = MLP(784, (64,), 2)
    weights = TWINS["torch"].get_weights(TWINS["torch"].Autoencoder(spec))
    found, _, _ = unpack(pack(spec, weights, ["decoder"], {}, {}))
    assert set(found) == {name for name in weights if name.startswith("decoder")}
    for name, value in found.items():
        step = np.abs(weights[name]).max(axis=0) / 127 if value.size > SMALL and value.ndim == 2 else 0
        assert (np.abs(value - weights[name]) <= 0.501 * step).all()
    assert quantized(np.zeros((3, 2)))[0].max() == 0


@each_figure
@each_file
def test_a_figure_weighs_less_than_300_kilobytes(built, name, framework):
    static = built / "_static"
    files = [static / "interactive.js", static / "figures.css", static / f"figures/{name}.js",
             static / f"figures/{name}.{framework}.js"]
    assert sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) < 300_000


# In the browser

@each_figure
def test_nothing_is_loaded_before_it_comes_into_view(page, name):
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"/{PAGE[name]}.html?framework=torch")
    page.wait_for_load_state("networkidle")
    assert not {f"{name}.js", f"{name}.torch.js", f"{name}.tensorflow.js"} & set(asked)
    show(page, name)
    assert {f"{name}.js", f"{name}.torch.js"} <= set(asked) and f"{name}.tensorflow.js" not in asked


def test_a_page_without_a_figure_loads_nothing_of_them(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/book/structure/encoder_decoder.html")
    page.wait_for_load_state("networkidle")
    assert not any("interactive.js" in url or "figures" in url for url in asked)


@each_figure
def test_without_scripts_there_is_the_picture(browser, site, name):
    page = browser.new_page(java_script_enabled=False, base_url=site)
    page.goto(f"/{PAGE[name]}.html")
    picture = page.locator(f"figure.interactive-{name} img")
    picture.scroll_into_view_if_needed()
    assert picture.get_attribute("alt") and picture.is_visible()
    assert page.locator(f"figure.interactive-{name} canvas").count() == 0
    page.close()


@each_figure
def test_it_works_in_a_file_too(browser, built, name):
    page = browser.new_page()
    page.goto((built / f"{PAGE[name]}.html").as_uri())
    page.locator(f"figure.interactive-{name}").scroll_into_view_if_needed()
    page.wait_for_selector(f"figure.interactive-{name}[data-framework=torch] canvas")
    page.close()


def test_a_lost_file_is_told_and_the_picture_stays(browser, site):
    page = browser.new_page(base_url=site)
    page.route("**/*.torch.js", lambda route: route.abort())
    page.goto(f"/{PAGE['latent-plane']}.html?framework=torch")
    figure = page.locator(PLANE)
    figure.scroll_into_view_if_needed()
    figure.get_by_text("could not be loaded").wait_for()
    assert figure.locator("img").is_visible()
    page.unroute_all()
    page.locator(".framework-switch").click()       # the other framework's weights are there
    figure.locator("canvas.plane").wait_for()
    page.close()


@each_figure
def test_the_switch_changes_the_weights_and_the_caption(page, name):
    figure = show(page, name)
    for framework in ("tensorflow", "torch"):
        page.locator(".framework-switch").click()
        page.wait_for_selector(f"figure.interactive-{name}[data-framework={framework}]")
        assert LABELS[framework] in figure.locator(".figure-source").text_content()
    page.locator(".framework-tabs label.sd-tab-label", has_text="TensorFlow").first.click()
    page.wait_for_selector(f"figure.interactive-{name}[data-framework=tensorflow]")


@each_figure
def test_axe_finds_nothing_in_it(page, name):
    from axe_playwright_python.sync_playwright import Axe
    show(page, name)
    for theme, width in (("light", 1280), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        where = {"include": [[f"figure.interactive-{name}"]]}
        found = Axe().run(page, context=where, options={"preload": False}).response
        assert len(found["passes"]) > 5
        assert [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]] == []
        inside, outside = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inside <= outside


# The latent plane

@each_file
def test_the_browser_decodes_as_python_does(page, framework):
    """Python sums in float32, the browser in float64: they differ in the sixth digit."""
    show(page, "latent-plane", framework)
    codes = np.random.default_rng(0).uniform(-4, 4, (20, 2)).astype("float32")
    found = page.evaluate("""([name, codes]) => codes.map(z => [...bookFigures.files[name].decode(z)])""",
                          [f"latent-plane.{framework}", codes.tolist()])
    expected = reader(data("latent-plane", framework)).decode(codes)
    assert expected.shape == (20, 784) and np.ptp(expected) > 0.9
    np.testing.assert_allclose(found, expected, atol=2e-5)
    for z in ([-1.5, 0.5], [2, -3]):
        page.evaluate("""z => z.forEach((value, i) => {
            const slider = document.querySelectorAll('.figure-sliders input')[i];
            slider.value = value;
            slider.dispatchEvent(new Event('input')); })""", z)
        shown = canvas(page, f"{PLANE} canvas.digit")
        expected = reader(data("latent-plane", framework)).decode(np.array([z], "float32"))[0]
        assert np.abs(shown - 255 * expected).max() <= 0.51      # rounded to whole gray values


def where(page):
    """The code that the sliders show."""
    return [float(value.replace("\u2212", "-")) for value in page.locator(".figure-sliders output").all_text_contents()]


def test_arrow_keys_move_the_ring_and_it_is_told(page):
    show(page, "latent-plane")
    before, z = canvas(page, f"{PLANE} canvas.digit"), where(page)
    page.locator(f"{PLANE} canvas.plane").focus()
    for key, step in (("ArrowRight", (0.1, 0)), ("ArrowUp", (0, 0.1)), ("ArrowLeft", (-0.1, 0)),
                      ("Shift+ArrowDown", (0, -0.02)), ("ArrowRight", (0.1, 0))):
        page.keyboard.press(key)
        z = np.add(z, step)
        np.testing.assert_allclose(where(page), z, atol=0.006)
    assert (canvas(page, f"{PLANE} canvas.digit") != before).any()
    page.wait_for_function("document.querySelector('.figure-body [aria-live]').textContent.startsWith('Code ')")
    assert f"{z[0]:.2f}".replace("-", "\u2212") in page.locator(f"{PLANE} [aria-live]").text_content()
    page.keyboard.press("Home")
    assert where(page) == [0, 0]
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert where(page) == [4, 0]        # the ring stays on the plane


def test_the_mouse_drags_the_ring(page):
    show(page, "latent-plane")
    box = page.locator(f"{PLANE} canvas.plane").bounding_box()

    def at(z):
        return box["x"] + (z[0] + 4) / 8 * box["width"], box["y"] + (4 - z[1]) / 8 * box["height"]
    page.mouse.move(*at([1, 2]))
    assert where(page) != [1, 2]        # nothing moves without a button
    page.mouse.down()
    np.testing.assert_allclose(where(page), [1, 2], atol=0.03)
    page.mouse.move(*at([-2, 1]), steps=3)
    np.testing.assert_allclose(where(page), [-2, 1], atol=0.03)
    page.mouse.up()
    page.mouse.move(*at([3, 3]))
    np.testing.assert_allclose(where(page), [-2, 1], atol=0.03)


def touches(browser, site, name):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 800}, base_url=site)
    page = context.new_page()
    show(page, name)
    return context, page, context.new_cdp_session(page)


def swipe(cdp, *points):
    for i, (x, y) in enumerate(points):
        cdp.send("Input.dispatchTouchEvent", {"type": "touchStart" if i == 0 else "touchMove",
                                              "touchPoints": [{"x": x, "y": y}]})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_drags_the_ring_and_scrolls_beside_it(browser, site):
    context, page, cdp = touches(browser, site, "latent-plane")
    box = page.locator(f"{PLANE} canvas.plane").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    scrolled = page.evaluate("scrollY")
    swipe(cdp, middle, (middle[0], middle[1] - 20), (middle[0], middle[1] - box["height"] / 4))
    np.testing.assert_allclose(where(page), [0, 2], atol=0.05)
    assert page.evaluate("scrollY") == scrolled
    touch = page.evaluate("[...document.querySelectorAll('.figure-body *')].filter(e => "
                          "getComputedStyle(e).touchAction === 'none').map(e => e.className)")
    assert touch == ["plane"]
    context.close()


def test_the_counted_neighbors_are_right(page):
    show(page, "latent-plane")
    _, examples, figure = unpack(data("latent-plane", "torch"))
    nearest = np.argsort(((examples["codes"] - figure["start"]) ** 2).sum(axis=1))[:15]
    counts = np.bincount(examples["labels"][nearest], minlength=10)
    words = "zeros ones twos threes fours fives sixes sevens eights nines".split()
    expected = f"Of the 15 nearest points, {counts.max()} are {words[counts.argmax()]}."
    assert page.locator(f"{PLANE} .figure-told").text_content() == expected


def test_one_digit_can_be_picked_out_and_the_plane_decoded(page):
    show(page, "latent-plane")

    def drawn():
        return page.evaluate("document.querySelector('canvas.plane').toDataURL()")
    states = [drawn()]
    button = page.locator(f"{PLANE} .figure-legend button").nth(3)
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    states.append(drawn())
    page.locator(f"{PLANE} .figure-check input").check()
    states.append(drawn())
    assert len(set(states)) == 3
    button.click()
    page.locator(f"{PLANE} .figure-check input").uncheck()
    assert drawn() == states[0] and button.get_attribute("aria-pressed") == "false"


# Draw a digit

DRAW = "figure.interactive-draw-a-digit"

def paper(page):
    """The ink on the paper, from 0 to 1."""
    png = page.evaluate("document.querySelector('canvas.paper').toDataURL()").partition(",")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))[:, :, 3] / 255


def told(page):
    """What the figure says of the error, as words and numbers, after the pen's next frame."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator(f"{DRAW} .figure-told").text_content()


def judged(framework, x):
    """Input, code, output and squared error by Python."""
    model = reader(data("draw-a-digit", framework))
    x = np.reshape(x, (1, 784)).astype("float32")
    z = model.encode(x)
    return z[0], model.decode(z)[0], float(((model.decode(z) - x) ** 2).sum())


def examples(framework="torch"):
    _, arrays, figure = unpack(data("draw-a-digit", framework))
    return dict(zip(figure["names"], arrays["pictures"] / np.float32(255))), arrays, figure


def test_digits_of_mnist_come_back_unchanged(mnist):
    for x in mnist.x_test[:300].reshape(-1, 28, 28):
        np.testing.assert_allclose(prepare(np.kron(x, np.ones((20, 20)))), x, atol=1e-6)
        small = np.kron(x[::2, ::2], np.ones((7, 7)))       # a drawing of another size becomes as large
        assert max(np.ptp(np.flatnonzero(prepare(small).any(axis=axis))) for axis in (0, 1)) == 19


@each_file
def test_the_file_has_the_errors_of_the_test_digits(mnist, framework):
    _, arrays, figure = examples(framework)
    x = mnist.x_test
    errors = ((reader(data("draw-a-digit", framework)).reconstruct(x) - x) ** 2).sum(axis=1)
    np.testing.assert_allclose(arrays["quantiles"], np.quantile(errors, np.linspace(0, 1, 1001)), rtol=1e-4)
    assert arrays["counts"].sum() == len(x) and arrays["counts"].size == 2 * figure["top"]
    assert np.mean(errors > figure["limit"]) == pytest.approx(0.05, abs=0.0005)


@each_file
def test_what_the_chapter_says_of_the_examples_is_true(framework):
    pictures, arrays, figure = examples(framework)
    errors = {name: judged(framework, x)[2] for name, x in pictures.items()}
    assert {name for name, error in errors.items() if error > figure["limit"]} == {"a zigzag", "a letter M", "a three"}
    assert errors["a letter S"] < arrays["quantiles"][500]       # the median


@each_file
def test_an_example_gets_the_numbers_that_python_computes(page, framework):
    show(page, "draw-a-digit", framework)
    pictures, _, figure = examples(framework)
    for name, x in pictures.items():
        page.get_by_role("button", name=f"Load {name}", exact=True).click()
        words = told(page)
        z, decoded, error = judged(framework, x)
        assert words.startswith("Anomaly" if error > figure["limit"] else "No anomaly")
        assert f"the error is {error:.1f}, " in words
        assert np.abs(canvas(page, f"{DRAW} .figure-pair canvas.digit") - 255 * x).max() <= 0.51
        shown = canvas(page, f"{DRAW} .figure-pair > :last-child canvas")
        assert np.abs(shown - 255 * decoded).max() <= 0.51
        found = page.evaluate("([name, x]) => { const m = bookFigures.files[name], z = m.encode(x);"
                              "return [[...z], [...m.decode(z)]]; }", [f"draw-a-digit.{framework}", x.tolist()])
        np.testing.assert_allclose(found[0], z, atol=2e-4)
        np.testing.assert_allclose(found[1], decoded, atol=2e-5)


def test_the_rank_is_that_among_the_test_digits(page):
    show(page, "draw-a-digit")
    pictures, arrays, _ = examples()
    for name in ("a letter S", "a seven", "a three"):
        page.get_by_role("button", name=f"Load {name}", exact=True).click()
        share = np.mean(arrays["quantiles"] < judged("torch", pictures[name])[2])
        assert f"larger than that of {int(100 * share)} percent of the test digits" in told(page)
    page.get_by_role("button", name="Load a zigzag").click()
    assert "larger than that of every test digit" in told(page)


def on_paper(page, x, y):
    box = page.locator(f"{DRAW} canvas.paper").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def check_drawing(page):
    """What the network gets is what Python makes of the same paper."""
    told(page)
    ink = paper(page)
    assert ink.any()
    shown = canvas(page, f"{DRAW} .figure-pair canvas.digit")
    assert np.abs(shown - 255 * prepare(ink).ravel()).max() <= 0.51
    assert f"the error is {judged('torch', prepare(ink))[2]:.1f}, " in told(page)
    return ink


def test_the_mouse_draws(page):
    show(page, "draw-a-digit")
    page.get_by_role("button", name="Clear").click()
    assert "empty" in told(page)
    page.mouse.move(*on_paper(page, 0.3, 0.2))
    page.mouse.down()
    for x, y in ((0.7, 0.2), (0.45, 0.85)):
        page.mouse.move(*on_paper(page, x, y), steps=4)
    page.mouse.up()
    page.mouse.move(*on_paper(page, 0.9, 0.9))
    ink = check_drawing(page)
    assert ink[112, 280] == 1 and ink[500, 500] == 0
    page.wait_for_function("/nomaly/.test(document.querySelector('.draw-a-digit [aria-live]').textContent)")
    page.get_by_role("button", name="Clear").click()
    assert not paper(page).any()


def test_the_keyboard_draws(page):
    show(page, "draw-a-digit")
    page.locator(f"{DRAW} canvas.paper").focus()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowUp")
    assert not paper(page).any()     # the pen is up
    page.keyboard.press("Space")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    page.wait_for_function("document.querySelector('.draw-a-digit [aria-live]').textContent.startsWith('Pen down')")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    ink = check_drawing(page)
    assert ink[300, 280] == 1 and ink[336, 330] == 0
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    check_drawing(page)                         # the pen stays on the paper


def test_a_finger_draws_and_does_not_scroll(browser, site):
    context, page, cdp = touches(browser, site, "draw-a-digit")
    page.get_by_role("button", name="Clear").click()
    page.locator(f"{DRAW} canvas.paper").scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    swipe(cdp, *(on_paper(page, 0.5, y) for y in (0.2, 0.4, 0.6, 0.8)))
    ink = check_drawing(page)
    assert ink[150, 280] == 1 and ink[430, 280] == 1
    assert page.evaluate("scrollY") == scrolled
    context.close()
