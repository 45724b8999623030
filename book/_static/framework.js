/* The choice of framework: a switch in the header, ?framework=torch or tensorflow in the address, remembered in the
   browser. sphinx-design's own script keeps the tab sets of a page together, and reads the same address and storage. */
(() => {
  const frameworks = ["torch", "tensorflow"];
  const key = "sphinx-design-tab-id-framework";

  const address = new URL(location.href);
  const asked = address.searchParams.get("framework");

  function show(url) {
    try { history.replaceState(history.state, "", url); } catch { /* not allowed in a file opened without a server */ }
  }

  if (frameworks.includes(asked)) {
    try { localStorage.setItem(key, asked); } catch { /* storage is blocked: the address alone decides */ }
  } else if (asked !== null) {      // before sphinx-design's script would store it
    address.searchParams.delete("framework");
    show(address);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const control = document.querySelector(".framework-switch");
    if (!control) return;
    const inputs = [...document.querySelectorAll(".framework-tabs > label[data-sync-group=framework]")]
      .map((label) => ({ framework: label.dataset.syncId, input: document.getElementById(label.htmlFor) }));

    function choose(framework) {
      for (const tab of inputs) tab.input.checked = tab.framework === framework;
      inputs.find((tab) => tab.framework === framework).input.dispatchEvent(new Event("change"));
    }

    function tell(framework) {
      control.setAttribute("aria-checked", framework === "tensorflow");
    }

    for (const { framework, input } of inputs) {
      input.addEventListener("change", () => {
        tell(framework);
        const now = new URL(location.href);     // the anchor may be another by now
        now.searchParams.set("framework", framework);
        show(now);
      });
    }
    control.addEventListener("click", () => {
      choose(control.getAttribute("aria-checked") === "true" ? "torch" : "tensorflow");
    });
    if (frameworks.includes(asked)) for (const tab of inputs) tab.input.checked = tab.framework === asked;
    tell((inputs.find((tab) => tab.input.checked) ?? inputs[0]).framework);
    control.hidden = false;
  });
})();
