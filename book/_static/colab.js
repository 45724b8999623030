// The Colab button opens the notebook of the framework that the reader has chosen.
(() => {
  const link = document.querySelector('.article-header-buttons a[href*="/blob/colab/torch/"]');
  if (!link) return;
  const chosen = () => {
    const inputs = [...document.querySelectorAll(".framework-tabs > input")];
    const label = inputs.find((input) => input.checked)?.nextElementSibling;
    return label?.dataset.syncId === "tensorflow" ? "tensorflow" : "torch";
  };
  const turn = () => {
    link.href = link.href.replace(/\/blob\/colab\/\w+\//, `/blob/colab/${chosen()}/`);
  };
  const soon = () => setTimeout(turn);      // after the tabs have heard of it, too
  window.addEventListener("load", turn);
  document.addEventListener("change", soon);
  document.addEventListener("click", soon);
  for (const event of ["pointerenter", "pointerdown", "focus"]) link.addEventListener(event, turn);
  turn();
})();
