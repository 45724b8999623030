"""Pages load what they show: the icons they have, MathJax only where there is math, and no script before the text.

The theme brings all of Font Awesome three times, as fonts, style rules, and a script. The template
static/webpack-macros.html links icons/icons.css instead, which is written here with its fonts when all pages are built.
"""
import re
import shutil
from pathlib import Path

from fontTools import subset

RULE = re.compile(r'((?:\.fa-[\w-]+:(?:before|after),?)+)\{content:"(\\[0-9a-f]+|[^"\\])"\}')
FILES = re.compile(r'url\(\.\./webfonts/([\w-]+)\.woff2\) format\("woff2"\),url\([^)]*\) format\("truetype"\)')
MATH = re.compile(r'class="([\w-]+ )*math\b')
SYMBOLS = re.compile(r"[\ue000-\uf8ff]|\\[ef][0-9a-f]{3}\b")


def symbol(text):
    """The code point of a character, or of its escape in a style sheet."""
    return int(text[1:], 16) if text.startswith("\\") else ord(text)


def write_icons(app, exception):
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for theirs in static.glob("vendor/fontawesome/*"):
        texts = [path.read_text(encoding="utf-8") for suffix in ("html", "js", "css")
                 for path in Path(app.outdir).rglob(f"*.{suffix}")
                 if not {"fontawesome", "mathjax", "locales"} & set(path.parts)]
        names = {name for text in texts for name in re.findall(r"\bfa-[a-z0-9-]+", text)}
        symbols = {symbol(found) for text in texts for found in SYMBOLS.findall(text)}
        style = (theirs / "css/all.min.css").read_text(encoding="utf-8")

        def used(rule, names=names, symbols=symbols):
            if not set(re.findall(r"[\w-]+(?=:)", rule[1])) & names:
                return ""
            symbols.add(symbol(rule[2]))
            return rule[0]

        style = RULE.sub(used, style)
        icons = static / "icons"
        icons.mkdir(exist_ok=True)
        for font in set(FILES.findall(style)):
            options = subset.Options(flavor="woff", notdef_outline=True)
            whole = subset.load_font(theirs / f"webfonts/{font}.ttf", options)
            subsetter = subset.Subsetter(options)
            subsetter.populate(unicodes=symbols)
            subsetter.subset(whole)
            subset.save_font(whole, icons / f"{font}.woff", options)
        (icons / "icons.css").write_text(FILES.sub(r'url(\1.woff) format("woff")', style), encoding="utf-8")
        shutil.copy(theirs / "LICENSE.txt", icons)
        shutil.rmtree(theirs)


def deferred(file):
    """A copy, since the pages share the original."""
    return type(file)(file.filename, priority=file.priority, **{**file.attributes, "defer": "defer"})


def scripts(app, pagename, templatename, context, doctree):
    """Drop the MathJax that a page gets for the math of pages below it; let the text come before the scripts."""
    files = context["script_files"]
    if not MATH.search(context.get("body", "")):
        files[:] = [file for file in files if "mathjax" not in str(file.filename)]
    if pagename != "search":    # there, scripts of the theme follow that need these
        files[:] = [deferred(file) if file.filename and "documentation_options" not in str(file.filename) else file
                    for file in files]


def setup(app):
    app.connect("html-page-context", scripts, priority=900)     # after MathJax was added
    app.connect("build-finished", write_icons, priority=900)    # after 404.html
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
