/* Copyright (c) 2026, The rackspace.identity maintainers
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of accounts: sort, filter, turn pages. Names are put in as text only, never as markup.
 */
"use strict";
(() => {
  const PAGE = 50;
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const missing = (value) => value === null || value === undefined;
  const severities = ["high", "medium", "low"];
  const worst = (user) => user.findings.reduce((most, [kind]) =>
    Math.min(most, severities.indexOf(data.kinds[kind].severity)), severities.length);

  const state = { key: "findings", descending: false, page: 0 };
  const columns = {
    name: (user) => user.name,
    mfa: (user) => user.mfa,
    factor: (user) => user.factor,
    level: (user) => user.level,
    devices: (user) => user.devices,
    age: (user) => user.age,
    findings: (user) => worst(user) * 1000 - user.findings.length,
  };

  function compare(left, right) {
    if (missing(left) || missing(right)) {
      return missing(left) - missing(right);
    }
    const order = typeof left === "number" ? left - right : collator.compare(left, right);
    return state.descending ? -order : order;
  }

  function chosen() {
    const words = find("search").value.trim().toLowerCase();
    const kind = find("kind").value;
    const mfa = find("mfa").value;
    const only = find("only").checked;
    const value = columns[state.key];
    return data.users
      .filter((user) => (!words || user.text.includes(words))
        && (!kind || user.findings.some(([found]) => found === kind))
        && (!mfa || user.mfa === mfa)
        && (!only || user.findings.length > 0))
      .sort((left, right) => compare(value(left), value(right)) || left.number - right.number);
  }

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text ?? "";
    if (className) {
      made.className = className;
    }
    return made;
  }

  function cell(row, label, content, className) {
    const made = element("td", typeof content === "object" ? "" : content, className);
    made.dataset.label = label;
    if (content instanceof Node) {
      made.append(content);
    }
    row.append(made);
  }

  function name(user) {
    const made = element("span", user.name || "(no name)");
    made.append(element("small", user.id));
    return made;
  }

  function findings(user) {
    if (!user.findings.length) {
      return element("span", "None", "soft");
    }
    const made = document.createElement("details");
    const summary = document.createElement("summary");
    made.append(summary);
    for (const [kind, detail, next] of user.findings) {
      const known = data.kinds[kind];
      summary.append(element("span", known.title, `chip ${known.severity}`));
      const line = element("p", "");
      line.append(element("strong", `${known.title}. `), detail, element("small", next));
      made.append(line);
    }
    return made;
  }

  function row(user) {
    const made = document.createElement("tr");
    const looks = { on: "good", off: "high", locked: "medium", disabled: "low" };
    cell(made, "Account", name(user), "name");
    cell(made, "MFA", element("span", user.mfa, `chip ${looks[user.mfa]}`));
    cell(made, "Factor", user.factor ?? "–");
    cell(made, "Level", user.level ?? "–");
    cell(made, "Devices", missing(user.devices) ? "–" : `${user.verified} of ${user.devices}`, "number");
    cell(made, "Secret", missing(user.age) ? (user.stored ? "stored" : "–") : `${user.age} days`, "number");
    cell(made, "Findings", findings(user));
    return made;
  }

  function draw() {
    const users = chosen();
    const pages = Math.max(1, Math.ceil(users.length / PAGE));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * PAGE;
    const shown = users.slice(first, first + PAGE);
    find("rows").replaceChildren(...shown.map(row));
    find("empty").hidden = users.length > 0;
    const few = users.length === data.users.length ? "" : ` (of ${data.users.length.toLocaleString("en")})`;
    find("range").textContent = users.length
      ? `${(first + 1).toLocaleString("en")}-${(first + shown.length).toLocaleString("en")} of ${users.length.toLocaleString("en")} accounts${few}`
      : "";
    find("before").disabled = state.page === 0;
    find("after").disabled = state.page >= pages - 1;
    for (const bar of document.querySelectorAll("button.bar")) {
      bar.setAttribute("aria-pressed", String(bar.dataset.kind === find("kind").value));
    }
    for (const head of document.querySelectorAll("th[data-key]")) {
      if (head.dataset.key === state.key) {
        head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      } else {
        head.removeAttribute("aria-sort");
      }
    }
  }

  function again() {
    state.page = 0;
    draw();
  }

  function turn(pages) {
    state.page += pages;
    draw();
    find("accounts").scrollIntoView();
  }

  data.users.forEach((user, number) => {
    user.number = number;
    const kinds = user.findings.map(([kind]) => data.kinds[kind].title);
    user.text = [user.name, user.id, ...kinds].join("\n").toLowerCase();
  });
  for (const id of ["search", "kind", "mfa", "only"]) {
    find(id).addEventListener("input", again);
  }
  for (const head of document.querySelectorAll("th[data-key]")) {
    head.firstElementChild.addEventListener("click", () => {
      state.descending = head.dataset.key === state.key && !state.descending;
      state.key = head.dataset.key;
      again();
    });
  }
  for (const bar of document.querySelectorAll("button.bar")) {
    bar.addEventListener("click", () => {
      find("kind").value = find("kind").value === bar.dataset.kind ? "" : bar.dataset.kind;
      again();
    });
  }
  find("before").addEventListener("click", () => turn(-1));
  find("after").addEventListener("click", () => turn(1));
  find("accounts").hidden = false;
  draw();
})();
