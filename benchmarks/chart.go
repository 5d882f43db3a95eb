package main

import (
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

// The chart's measures, in pixels of its own 1000 wide picture.
const (
	chartWidth = 1000
	rowHeight  = 22
	labelWidth = 210 // names, right-aligned
	barWidth   = 160
	panelWidth = chartWidth / 2
	panelHead  = 42 // a panel's title and axis labels
	chartHead  = 64
	chartFoot  = 16
)

const chartStyle = `<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:18px;font-weight:600}.work{font-size:14px;font-weight:600}.small{font-size:11px;fill:#59636e}
.us{font-weight:600;fill:#0969da}.page{fill:#fff}.grid{stroke:#d1d9e0}.one{stroke:#0969da;stroke-width:2}
.peer{fill:#8c6bc8}.base{fill:#9aa4af}.less{opacity:.45}.value{stroke:#fff;stroke-width:4px;paint-order:stroke}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}.us{fill:#58a6ff}.page{fill:#0d1117}.value{stroke:#0d1117}
.grid{stroke:#3d444d}.one{stroke:#58a6ff}.peer{fill:#a98be0}.base{fill:#656c76}}
</style>
`

// chart draws every work as a panel of bars: how many times as long as this
// library a contender takes, on a logarithmic axis that all panels share.
func (r *report) chart() string {
	low, high := 1.0, 1.0
	var panels [][]result
	for i, w := range r.works {
		if w.body != nil {
			continue
		}
		panels = append(panels, nil)
		shown := map[string]bool{}
		for _, res := range r.sorted(i) {
			if res.ours || shown[res.family] {
				continue
			}
			shown[res.family] = res.family != ""
			panels[i] = append(panels[i], res)
			low, high = min(low, res.toUs), max(high, res.toUs)
		}
	}
	// One quarter of a decade of room on the left, so that the fastest
	// contender still has a bar.
	left := math.Log10(low) - 0.25
	x := func(ratio float64) float64 {
		return labelWidth + barWidth*(math.Log10(ratio)-left)/(math.Log10(high)-left)
	}

	var s strings.Builder
	y := chartHead
	for i := 0; i < len(panels); i += 2 {
		height := 0
		for j := i; j < min(i+2, len(panels)); j++ {
			fmt.Fprintf(&s, "<g transform=\"translate(%d %d)\">\n", (j-i)*panelWidth, y)
			r.panel(&s, j, panels[j], x, high)
			s.WriteString("</g>\n")
			height = max(height, panelHead+rowHeight*len(panels[j]))
		}
		y += height + chartFoot
	}
	m := r.machine
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="t d">
<title id="t">Time for the same work, compared with contact</title>
<desc id="d">Bars on a logarithmic scale, shorter is faster; the figures are in RESULTS.md.</desc>
%s<rect class="page" width="100%%" height="100%%"/>
<text class="title" x="16" y="28">Time for the same work: contact = 1, shorter is faster, log scale</text>
<text class="small" x="16" y="48">%s · %s · %s · one core, medians of %d rounds · grey: only scans the JSON, judges nothing</text>
%s</svg>
`, chartWidth, y, chartStyle, html.EscapeString(m.golang), html.EscapeString(m.cpu), m.date, m.count, s.String())
}

// panel draws one work's bars at the origin.
func (r *report) panel(s *strings.Builder, work int, results []result, x func(float64) float64, high float64) {
	bottom := panelHead + rowHeight*len(results)
	title := r.works[work].title
	if r.works[work].key == "faulty" {
		title = "Refuse a contact with five faults (n/5: faults named)"
	}
	fmt.Fprintf(s, "<text class=\"work\" x=\"16\" y=\"16\">%s</text>\n", title)
	for tick := 1.0; tick <= high; tick *= 10 {
		class := "grid"
		if tick == 1 {
			class = "one"
		}
		fmt.Fprintf(s, "<path class=\"%s\" d=\"M%.1f %dV%d\"/><text class=\"small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n",
			class, x(tick), panelHead-4, bottom, x(tick), panelHead-8, tick)
	}
	for i, res := range results {
		mid := panelHead + rowHeight*i + rowHeight/2
		class, name := "peer", ""
		switch {
		case res.baseline:
			class = "base"
		case res.us:
			class, name = "us", "us"
		}
		label := fmt.Sprintf("%s× · %s", ratio(res.toUs), duration(res.ns))
		if r.works[work].key == "faulty" && !res.baseline {
			named := faultsListed(res.contender, r.bodies)
			label += fmt.Sprintf(" · %d/%d", named, len(bodies.Faults))
			if named < len(bodies.Faults) {
				class += " less"
			}
		}
		end := x(res.toUs)
		fmt.Fprintf(s, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", name, labelWidth-8, mid+4, html.EscapeString(res.name))
		fmt.Fprintf(s, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\"/>", class, labelWidth, mid-7, end-labelWidth)
		fmt.Fprintf(s, "<text class=\"value\" x=\"%.1f\" y=\"%d\">%s</text>\n", end+6, mid+4, html.EscapeString(label))
	}
}

// duration is a time in the unit that a reader would say.
func duration(ns float64) string {
	switch {
	case ns >= 99_500:
		return fmt.Sprintf("%.0f µs", ns/1000)
	case ns >= 1000:
		return fmt.Sprintf("%.1f µs", ns/1000)
	}
	return fmt.Sprintf("%.0f ns", ns)
}
