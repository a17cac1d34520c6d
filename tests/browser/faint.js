// Texts and controls of the page that stand out too little from what lies behind them, computed from what is rendered.
() => {
    const parsed = (colour) => {
        const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
        return [red, green, blue, alpha];
    };
    const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
    const light = (colour) => {
        const [red, green, blue] = colour.slice(0, 3).map((part) => {
            const value = part / 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
        return (more + 0.05) / (less + 0.05);
    };
    const behind = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            layers.push(parsed(getComputedStyle(at).backgroundColor));
            if (layers[layers.length - 1][3] === 1) break;
        }
        return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255, 1]);
    };
    const opacity = (element) => {
        let product = 1;
        for (let at = element; at; at = at.parentElement) product *= Number(getComputedStyle(at).opacity);
        return product;
    };
    const found = [];
    const note = (what, element, ratio) =>
        found.push(`${what} ${ratio.toFixed(2)} ${element.outerHTML.replace(/\s+/g, " ").slice(0, 90)}`);
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
    for (const element of document.querySelectorAll("body *")) {
        if (!element.checkVisibility() || element.closest(".vh, .tip, .skip")) continue;
        const style = getComputedStyle(element), back = behind(element);
        if ([...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) {
            const [red, green, blue, alpha] = parsed(style.color);
            const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            const ratio = contrast(over([red, green, blue, alpha * opacity(element)], back), back);
            if (ratio < (large ? 3 : 4.5)) note("text", element, ratio);
        }
        if (element.placeholder) {
            const shown = getComputedStyle(element, "::placeholder"), [red, green, blue, alpha] = parsed(shown.color);
            const ratio = contrast(over([red, green, blue, alpha * Number(shown.opacity)], back), back);
            if (ratio < 4.5) note("placeholder", element, ratio);
        }
        const framed = element.closest(".find") || element;
        if (element.matches("input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select, .btn")) {
            const around = behind(framed.parentElement), frame = getComputedStyle(framed);
            const edge = frame.borderTopWidth === "0px" ? around : over(parsed(frame.borderTopColor), around);
            const ratio = Math.max(contrast(edge, around), contrast(behind(framed), around));
            if (ratio < 3) note("control", element, ratio);
        }
    }
    return found;
}
