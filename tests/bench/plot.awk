# SPDX-License-Identifier: MIT
# Draws lines on logarithmic axes, as SVG.
#
# Reads lines of "LINE<tab>X<tab>Y", the points of a line in order; a line's
# name is also its legend.  Variables: title, xlabel, ylabel.

BEGIN {
    FS = "\t"
    split("#0072b2 #56b4e9 #d55e00 #009e73 #cc79a7 #e69f00 #000000", colours, " ")
    left = 80; right = 290; top = 50; bottom = 60; width = 940; height = 560
}

NF == 3 && $2 > 0 && $3 > 0 {
    if (!($1 in number)) {
        number[$1] = ++lines
        name[lines] = $1
    }
    line = number[$1]
    points[line]++
    x[line, points[line]] = log10($2)
    y[line, points[line]] = log10($3)
    if (!seen++) {
        x0 = x1 = log10($2)
        y0 = y1 = log10($3)
    }
    x0 = min(x0, log10($2)); x1 = max(x1, log10($2))
    y0 = min(y0, log10($3)); y1 = max(y1, log10($3))
}

function log10(value) { return log(value) / log(10) }
function min(a, b) { return a < b ? a : b }
function max(a, b) { return a > b ? a : b }
function floor(value,  whole) {
    whole = int(value)
    return whole > value ? whole - 1 : whole
}
function px(value) { return left + (value - x0) / (x1 - x0) * (width - left - right) }
function py(value) { return height - bottom - (value - y0) / (y1 - y0) * (height - top - bottom) }
function text(x, y, anchor, what) {
    gsub(/&/, "\\&amp;", what)
    gsub(/</, "\\&lt;", what)
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, what
}
function stroke(xa, ya, xb, yb, colour, wide) {
    printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%s\"/>\n", xa, ya, xb, yb, colour, wide
}
function unit(power) {
    if (power < 3) return 10 ^ power " ns"
    if (power < 6) return 10 ^ (power - 3) " µs"
    if (power < 9) return 10 ^ (power - 6) " ms"
    return 10 ^ (power - 9) " s"
}
function count(power) {
    if (power < 3) return 10 ^ power
    if (power < 6) return 10 ^ (power - 3) ",000"
    return 10 ^ (power - 6) ",000,000"
}

END {
    if (seen == 0)
        exit 1
    x0 = floor(x0 + 0.001); y0 = floor(y0)
    x1 = max(x1, x0 + 1); y1 = floor(y1) + 1
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n", width, height, width, height
    printf "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height
    text((left + width - right) / 2, 28, "middle", title)
    for (p = x0; p <= x1 + 0.001; p++) {
        stroke(px(p), py(y0), px(p), py(y1), "#dddddd", 1)
        text(px(p), height - bottom + 18, "middle", count(p))
    }
    for (p = y0; p <= y1; p++) {
        stroke(left, py(p), width - right, py(p), "#dddddd", 1)
        text(left - 6, py(p) + 4, "end", unit(p))
    }
    text((left + width - right) / 2, height - 16, "middle", xlabel)
    printf "<text transform=\"translate(20,%.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n", (py(y0) + py(y1)) / 2, ylabel
    for (line = 1; line <= lines; line++) {
        colour = colours[(line - 1) % 7 + 1]
        printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour
        for (i = 1; i <= points[line]; i++)
            printf "%.1f,%.1f ", px(x[line, i]), py(y[line, i])
        print "\"/>"
        for (i = 1; i <= points[line]; i++)
            printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", px(x[line, i]), py(y[line, i]), colour
        stroke(width - right + 16, top + 22 * line, width - right + 40, top + 22 * line, colour, 2)
        text(width - right + 46, top + 22 * line + 4, "start", name[line])
    }
    print "</svg>"
}
