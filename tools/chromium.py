"""The installed Chromium, for the tests of the site and for the PDF: Playwright drives it and downloads none."""
import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATH = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]
MISSING = "Chromium: install it, or set CHROMIUM to its path"
