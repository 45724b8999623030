"""sitemap.xml: the address of every page, for search engines. Without html_baseurl there is none."""
from html import escape
from pathlib import Path
from urllib.parse import urljoin


def write(app, exception):
    if exception or app.builder.format != "html" or not app.config.html_baseurl:
        return
    base = app.config.html_baseurl.rstrip("/") + "/"
    urls = "".join(f"  <url><loc>{escape(urljoin(base, app.builder.get_target_uri(name)))}</loc></url>\n"
                   for name in sorted(app.env.found_docs))
    Path(app.outdir, "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{urls}</urlset>\n", encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
