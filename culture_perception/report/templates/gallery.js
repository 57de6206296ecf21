"use strict";
// The gallery of scenes: filters, and cards that are made only when somebody scrolls to them.
(() => {
  const source = document.getElementById("gallery-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const [PRODUCT, OUTLINE, LABEL, ANSWER, CHANCE, RUNG, FOUND] = [0, 1, 2, 3, 4, 5, 6];
  const RIGHT = 0, AT_ONCE = 12, ANY = "any", FAILED = "failed";
  const SVG = "http://www.w3.org/2000/svg";
  const byId = (id) => document.getElementById(id);
  const [form, cards, count, more, dialog] = ["filters", "cards", "count", "more", "dialog"]
    .map((name) => byId(`gallery-${name}`));
  const selects = {
    group: byId("filter-group"), product: byId("filter-product"), rung: byId("filter-rung"),
  };
  const wanted = {group: ANY, product: ANY, rung: ANY};
  let found = [], shown = 0;

  // A card or object under the filters, one of which may be left out to count its choices.
  const groupFits = (card) => wanted.group === ANY || card.group === Number(wanted.group);
  const productFits = (thing) => wanted.product === ANY || thing[PRODUCT] === Number(wanted.product);
  const rungFits = (thing) => wanted.rung === ANY
    || (wanted.rung === FAILED ? thing[RUNG] !== RIGHT : thing[RUNG] === Number(wanted.rung));
  const fits = (thing) => productFits(thing) && rungFits(thing);

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  function draw(tag, attributes) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  const urls = new Map();
  function pictureUrl(number) {
    if (!urls.has(number)) {
      const bytes = Uint8Array.from(atob(data.pictures[number]), (one) => one.charCodeAt(0));
      urls.set(number, URL.createObjectURL(new Blob([bytes], {type: "image/jpeg"})));
    }
    return urls.get(number);
  }

  // Counts of every choice, given the other two filters.
  function counts() {
    const groups = new Map(), products = new Map(), rungs = new Map();
    const add = (map, key) => map.set(key, (map.get(key) || 0) + 1);
    for (const card of data.cards) {
      for (const thing of card.objects) {
        if (fits(thing)) add(groups, card.group);
        if (!groupFits(card)) continue;
        if (rungFits(thing)) add(products, thing[PRODUCT]);
        if (productFits(thing)) add(rungs, thing[RUNG]);
      }
    }
    return {groups, products, rungs};
  }
  const sum = (map) => [...map.values()].reduce((a, b) => a + b, 0);
  function option(value, text, n) {
    return make("option", {value}, `${text} (${n})`);
  }
  function fill(select, options) {
    select.replaceChildren(...options);
    select.value = wanted[select.dataset.filter];
  }
  function fillSelects() {
    const {groups, products, rungs} = counts();
    const sets = data.runs.map((title, run) => {
      const own = data.groups.map((group, i) => [group, i]).filter(([group]) => group.run === run);
      return make("optgroup", {label: title},
        ...own.map(([group, i]) => option(i, group.name, groups.get(i) || 0)));
    });
    fill(selects.group, [option(ANY, "all labels", sum(groups)), ...sets]);
    const names = data.products.map((name, i) => [name, i]).sort((a, b) => a[0] < b[0] ? -1 : 1)
      .filter(([, i]) => products.get(i) || String(i) === wanted.product);
    fill(selects.product, [option(ANY, "all products", sum(products)),
      ...names.map(([name, i]) => option(i, name, products.get(i) || 0))]);
    const used = new Set(data.cards.flatMap((card) => card.objects.map((thing) => thing[RUNG])));
    const failures = sum(rungs) - (rungs.get(RIGHT) || 0);
    fill(selects.rung, [option(ANY, "anything", sum(rungs)),
      option(FAILED, "any failure", failures),
      ...data.rungs.map((rung, i) => [rung, i]).filter(([, i]) => used.has(i))
        .map(([rung, i]) => option(i, rung.name, rungs.get(i) || 0))]);
  }

  function corners(path) {
    const numbers = path.match(/-?\d+/g).map(Number);
    const [xs, ys] = [0, 1].map((rest) => numbers.filter((_, i) => i % 2 === rest));
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }
  function overlay(svg, scale, outline, colour, number, faint) {
    if (outline < 0) return;
    const path = data.outlines[outline], opacity = faint ? 0.35 : 1;
    const line = {d: path, fill: "none", "stroke-linejoin": "round", opacity};
    svg.append(draw("path", {...line, stroke: "#fff", "stroke-width": 7 * scale}),
      draw("path", {...line, stroke: colour, "stroke-width": 4 * scale}));
    const [x0, y0, x1, y1] = corners(path), [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const text = draw("text", {
      x, y, opacity, fill: "#fff", stroke: "#1b2430", "stroke-width": 6 * scale,
      "paint-order": "stroke", "font-size": 34 * scale, "font-weight": 700, "text-anchor": "middle", "dominant-baseline": "central",
    });
    text.textContent = number;
    svg.append(text);
  }
  // The part of a picture that has the card's objects, of its form, and at least half of it.
  function part(card) {
    const [width, height] = card.size;
    const used = card.objects.flatMap((one) => [one[OUTLINE], one[FOUND]]).filter((one) => one >= 0);
    const boxes = used.map((one) => corners(data.outlines[one]));
    if (!boxes.length) return [0, 0, width, height];
    const [x0, y0] = [0, 1].map((i) => Math.min(...boxes.map((box) => box[i])));
    const [x1, y1] = [2, 3].map((i) => Math.max(...boxes.map((box) => box[i])));
    const share = Math.min(1, Math.max(0.5, 1.3 * (x1 - x0) / width, 1.3 * (y1 - y0) / height));
    const place = (middle, side) => Math.min(Math.max(middle - share * side / 2, 0), side * (1 - share));
    return [place((x0 + x1) / 2, width), place((y0 + y1) / 2, height), share * width, share * height];
  }
  function view(card, title, overlays, box) {
    const [width, height] = card.size;
    const svg = draw("svg", {viewBox: box.join(" "), role: "img", "aria-label": title});
    if (card.picture >= 0) {
      svg.append(draw("image", {href: pictureUrl(card.picture), width, height,
        preserveAspectRatio: "none"}));
    } else {
      const text = draw("text", {x: box[0] + box[2] / 2, y: box[1] + box[3] / 10,
        "text-anchor": "middle", "font-size": box[2] / 24});
      text.textContent = "picture missing";
      svg.append(text);
    }
    for (const one of overlays) overlay(svg, box[2] / 640, ...one);
    return make("figure", {}, svg, make("figcaption", {}, title.split(":")[0]));
  }
  function named(number, group) {
    return make("span", group.language ? {lang: group.language} : {}, data.texts[number]);
  }
  function line(thing, number, group) {
    const rung = data.rungs[thing[RUNG]];
    const names = make("span", {class: "names"}, named(thing[LABEL], group), " → ");
    if (thing[ANSWER] < 0) names.append("no answer");
    else names.append(named(thing[ANSWER], group), ` ${thing[CHANCE]}\u00a0%`);
    const mark = make("i", {"aria-hidden": "true"});
    mark.style.setProperty("--rung", rung.colour);
    return make("li", fits(thing) ? {} : {class: "other"},
      make("span", {class: "number"}, String(number)), names,
      make("span", {class: "chip", title: rung.meaning}, mark, rung.name));
  }
  function cardNode(card) {
    const group = data.groups[card.group];
    const truth = card.objects.map((one, i) => [one[OUTLINE], "#1b2430", i + 1, !fits(one)]);
    const answers = card.objects.map((one, i) => [
      group.masks ? one[FOUND] : one[OUTLINE], data.rungs[one[RUNG]].colour, i + 1, !fits(one)]);
    const button = make("button", {type: "button"}, "Enlarge");
    const box = part(card);
    const node = make("article", {class: "card"},
      make("div", {class: "card-head"},
        make("div", {}, make("h3", {}, group.name),
          make("p", {}, `${card.scene}, ${data.runs[group.run]}`)), button),
      make("div", {class: "pair"},
        view(card, `truth: outlines of ${card.scene}`, truth, box),
        view(card, `answer: ${group.masks ? "masks found" : "true masks, named"} in ${card.scene}`,
          answers, box)),
      make("ol", {class: "objects"}, ...card.objects.map((one, i) => line(one, i + 1, group))));
    button.addEventListener("click", () => enlarge(card, node, button));
    return node;
  }
  function enlarge(card, node, button) {
    const copy = node.cloneNode(true);
    const close = copy.querySelector("button");
    close.textContent = "Close";
    for (const svg of copy.querySelectorAll("svg")) {
      svg.setAttribute("viewBox", `0 0 ${card.size.join(" ")}`);  // all of the picture
    }
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(copy);
    dialog.onclose = () => button.focus();
    dialog.showModal();
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  function showMore() {
    const next = found.slice(shown, shown + AT_ONCE);
    shown += next.length;
    cards.append(...next.map(cardNode));
    more.hidden = shown >= found.length;
    more.textContent = `Show more scenes (${found.length - shown} left)`;
  }
  function apply() {
    found = data.cards.filter((card) => groupFits(card) && card.objects.some(fits));
    const things = found.flatMap((card) => card.objects.filter(fits));
    const right = things.filter((thing) => thing[RUNG] === RIGHT).length;
    count.textContent = `${found.length} of ${data.cards.length} views of scenes; `
      + `${things.length} objects, ${right} of them right`;
    shown = 0;
    cards.replaceChildren();
    fillSelects();
    showMore();
  }
  for (const [name, select] of Object.entries(selects)) {
    select.dataset.filter = name;
    select.addEventListener("change", () => { wanted[name] = select.value; apply(); });
  }
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const name of Object.keys(wanted)) wanted[name] = ANY;
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", showMore);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && shown > 0 && !more.hidden) showMore();
  }, {rootMargin: "600px"}).observe(more);
  if (data.start >= 0) wanted.group = String(data.start);
  form.hidden = false;
  apply();
})();
