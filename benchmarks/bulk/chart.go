package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// median returns the figure of the median wall time.
func median(of []figure) figure {
	slices.SortFunc(of, func(a, b figure) int { return int((a.wall - b.wall) / time.Nanosecond) })
	return of[len(of)/2]
}

const style = `<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:14px;font-weight:600}.page{fill:#fff}.bar{fill:#0969da}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.page{fill:#0d1117}.bar{fill:#58a6ff}}
</style>
`

// draw makes two panels of bars: the time for a contact, and the peak memory, by size.
func draw(sizes []figure) string {
	const width, label, bar, row, head = 760, 90, 200, 24, 44
	panel := func(s *strings.Builder, left int, title, unit string, of func(figure) float64) {
		most := 0.0
		for _, f := range sizes {
			most = max(most, of(f))
		}
		fmt.Fprintf(s, "<text class=\"title\" x=\"%d\" y=\"28\">%s</text>\n", left+label, title)
		for i, f := range sizes {
			y := head + i*row
			length := max(1, of(f)/most*bar)
			fmt.Fprintf(s, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>", left+label-8, y+15, f.contacts)
			fmt.Fprintf(s, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"16\"/>", left+label, y+2, length)
			fmt.Fprintf(s, "<text x=\"%.1f\" y=\"%d\">%.1f %s</text>\n", float64(left+label)+length+6, y+15, of(f), unit)
		}
	}
	height := head + len(sizes)*row + 16
	var s strings.Builder
	fmt.Fprintf(&s, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n", width, height)
	s.WriteString("<title>Time for a contact, and peak memory, by the number of contacts</title>\n" + style)
	fmt.Fprintf(&s, "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", width, height)
	panel(&s, 0, "Wall time for a contact", "µs", func(f figure) float64 {
		return float64(f.wall.Nanoseconds()) / float64(f.contacts) / 1000
	})
	panel(&s, width/2, "Peak memory", "MiB", func(f figure) float64 { return float64(f.memory) / (1 << 20) })
	s.WriteString("</svg>\n")
	return s.String()
}
