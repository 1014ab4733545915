// <sk-confirm expects="…">: the form's button opens once the name is typed. The server asks for it in any case.

class Confirm extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.input.addEventListener("input", () => this.judge());
    this.judge();
  }

  judge() {
    const right = this.input.value.trim() === this.getAttribute("expects").trim();
    for (const button of this.closest("form").querySelectorAll("button:not([type=button])")) button.disabled = !right;
  }
}

customElements.define("sk-confirm", Confirm);
