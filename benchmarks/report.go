package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

// A report is a run and what was found out about the contenders.
type report struct {
	bodies     *bodies.Set
	contenders []contender
	works      []work
	results    [][]result // by work
	hostile    string     // its tables
	machine    machine
}

// sorted are a work's results from fast to slow.
func (r *report) sorted(work int) []result {
	return slices.SortedFunc(slices.Values(r.results[work]), func(a, b result) int { return cmp.Compare(a.toUs, b.toUs) })
}

const intro = `# Benchmark results

Made by ` + "`go run .`" + ` in this folder; do not edit. Every contender does the same work on the same bytes, in one
process on one core, in turn, round after round. A figure is the median over the rounds, ± half the distance of
the quartiles; times are the processor's, not the clock's. The multiples are of %[1]s on the same bytes, which only
scans, and of this library (bold): medians of each round's own, so that they are steadier than the times.

- %[2]s, %[3]s, %[4]s
- %[5]d rounds of %[6]v for each contender and work, GOMAXPROCS=1, GOGC=%[9]d (with 100 each would pay for the live heap of all the others)
- bodies: a whole contact of %[7]d bytes, a patch of %[8]d bytes (three strings, a null, a change inside meta_public),
  and the whole contact with five faults: an id, an unknown name, a day that does not exist, a timezone in the wrong case, a string for a boolean

![Times compared with contact](chart.svg)
`

// markdown is the whole page.
func (r *report) markdown() string {
	var s strings.Builder
	m := r.machine
	fmt.Fprintf(&s, intro, baseline, m.golang, m.cpu, m.date, m.count, m.benchtime, len(r.bodies.Whole), len(r.bodies.Patch), gcPercent)
	for i, w := range r.works {
		if w.body != nil {
			continue
		}
		fmt.Fprintf(&s, "\n## %s\n\n%d bytes.", w.title, w.bytes)
		lists := w.key == "faulty"
		if lists {
			s.WriteString(" Texts of errors are not rendered. A contender that stops at the first fault, or at the first that the decoder meets, does less work here.")
		}
		if w.key == "update" {
			s.WriteString(" contact.AppendMerge writes to one buffer again and again, as it is made for; the others return a new one.")
		}
		s.WriteString("\n\n| contender | ns/op | ± | B/op | allocs/op | × " + baseline + " | × contact |")
		if lists {
			s.WriteString(" faults named |")
		}
		s.WriteString("\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
		if lists {
			s.WriteString(" ---: |")
		}
		s.WriteByte('\n')
		for _, res := range r.sorted(i) {
			name := res.name
			if res.us {
				name = "**" + name + "**"
			}
			fmt.Fprintf(&s, "| %s | %.0f | %.0f %% | %.0f | %.0f | %s | %s |", name, res.ns, res.spread*100, res.bytes, res.allocs, ratio(res.toValid), ratio(res.toUs))
			if lists && res.baseline {
				s.WriteString(" |")
			} else if lists {
				fmt.Fprintf(&s, " %d of %d |", faultsListed(res.contender, r.bodies), len(bodies.Faults))
			}
			s.WriteByte('\n')
		}
		r.ahead(&s, r.sorted(i))
	}
	r.table(&s)
	s.WriteString(r.hostile)
	s.WriteString("\n## What each does and does not do\n\nFound by running each on bodies that show it, not by belief; `go test` holds every answer.\n")
	r.matrix(&s, "Judging the body of an update", patchProbes, func(c *contender) bool { return c.patch != nil })
	r.matrix(&s, "Judging a whole contact", faultProbes, func(c *contender) bool { return c.full != nil })
	r.matrix(&s, "The whole update", updateProbes, func(c *contender) bool { return c.update != nil })
	s.WriteString("\n## Set-up and versions\n\n| contender | how | modules |\n| --- | --- | --- |\n")
	for _, c := range r.contenders {
		if c.us || c.ours {
			continue
		}
		var modules []string
		for _, path := range c.modules {
			if path == "" {
				modules = append(modules, "the Go distribution")
			} else {
				modules = append(modules, strings.TrimSpace(path+" "+m.versions[path]))
			}
		}
		fmt.Fprintf(&s, "| %s | %s | %s |\n", c.name, c.note, strings.Join(modules, ", "))
	}
	return s.String()
}

// leavesOut tells what of the probes does not hold for a contender.
func (r *report) leavesOut(c *contender) string {
	var keys []string
	for _, kind := range kinds(c) {
		for _, p := range kind {
			if !p.holds(c, r.bodies) {
				keys = append(keys, p.key)
			}
		}
	}
	return strings.Join(keys, ", ")
}

// kinds are the lists of probes that are asked of a contender.
func kinds(c *contender) [][]probe {
	var lists [][]probe
	if c.patch != nil {
		lists = append(lists, patchProbes)
	}
	if c.full != nil {
		lists = append(lists, faultProbes)
	}
	if c.update != nil {
		lists = append(lists, updateProbes)
	}
	return lists
}

// ahead says who of the others is faster than this library, and what it leaves out.
func (r *report) ahead(s *strings.Builder, results []result) {
	var scanners, judges []string
	for _, res := range results {
		switch {
		case res.us || res.ours || res.toUs >= 1:
		case res.baseline:
			scanners = append(scanners, res.name)
		default:
			judges = append(judges, "\n- "+res.name+", which leaves out "+r.leavesOut(res.contender))
		}
	}
	if len(scanners) > 0 {
		fmt.Fprintf(s, "\nFaster, but they only scan the JSON: %s.\n", strings.Join(scanners, ", "))
	}
	if len(judges) > 0 {
		fmt.Fprintf(s, "\nAhead of this library:\n%s\n", strings.Join(judges, ""))
	} else {
		s.WriteString("\nNobody who judges contacts is ahead of this library.\n")
	}
}

const tableIntro = `
## All kinds of bodies

Each is judged as the body of an update. The times are nanoseconds of contact.ParsePatch, which decodes, judges every
value and lists every fault; the others are multiples of it. A multiple below 1 is bold: that contender is ahead. "Types
alone" decodes into a struct and judges no value. A contender that accepts a body with faults has its multiple in
brackets, and one that stops at the first fault does less work on those.

This library checks that all text is UTF-8 and compares the names of each object at every depth. Decoders that keep
meta_public as it was sent, or that take any bytes for text, are spared that: it shows in large meta_public and in other
alphabets. Where there are faults it lists all of them, up to 100, and reads the body to its end.

`

// table is that of all bodies, with a column for each contender that is near.
func (r *report) table(s *strings.Builder) {
	s.WriteString(tableIntro)
	var columns []*contender
	for i := range r.contenders {
		if c := &r.contenders[i]; c.near && !c.us {
			columns = append(columns, c)
		}
	}
	s.WriteString("| body | bytes | ns |")
	for _, c := range columns {
		s.WriteString(" " + c.name + " |")
	}
	s.WriteString("\n| --- | ---: | ---: |" + strings.Repeat(" ---: |", len(columns)) + "\n")
	for i, w := range r.works {
		if w.body == nil {
			continue
		}
		of := map[string]result{}
		for _, res := range r.results[i] {
			of[res.name] = res
		}
		fmt.Fprintf(s, "| %s | %d | %.0f |", w.title, w.bytes, of["contact.ParsePatch"].ns)
		for _, c := range columns {
			cell := ratio(of[c.name].toUs)
			if of[c.name].toUs < 1 {
				cell = "**" + cell + "**"
			}
			if w.body.Bad && accepts(c, w.body) {
				cell = "(" + cell + ")"
			}
			s.WriteString(" " + cell + " |")
		}
		s.WriteByte('\n')
	}
	s.WriteString("\nRows with a typed one ahead of this library:\n\n")
	for i, w := range r.works {
		var names []string
		for _, res := range r.results[i] {
			if w.body != nil && res.near && !res.ours && !res.baseline && res.toUs < 1 && !(w.body.Bad && accepts(res.contender, w.body)) {
				names = append(names, res.name)
			}
		}
		if names != nil {
			fmt.Fprintf(s, "- %s: %s. %s\n", w.title, strings.Join(names, "; "), cmp.Or(w.body.Spared, "No reason is known."))
		}
	}
	s.WriteString("\nThe typed ones leave out:\n\n")
	for _, c := range columns {
		if !c.ours && !c.baseline {
			fmt.Fprintf(s, "- %s: %s\n", c.name, r.leavesOut(c))
		}
	}
}

// matrix is a table of probes by contender, with a line on each probe.
func (r *report) matrix(s *strings.Builder, title string, probes []probe, does func(*contender) bool) {
	fmt.Fprintf(s, "\n### %s\n\n| contender |", title)
	for _, p := range probes {
		fmt.Fprintf(s, " %s |", p.key)
	}
	s.WriteString("\n| --- |" + strings.Repeat(" :-: |", len(probes)) + "\n")
	for i := range r.contenders {
		c := &r.contenders[i]
		if c.baseline || c.ours || !does(c) {
			continue
		}
		fmt.Fprintf(s, "| %s |", c.name)
		for _, p := range probes {
			if p.holds(c, r.bodies) {
				s.WriteString(" yes |")
			} else {
				s.WriteString(" – |")
			}
		}
		s.WriteByte('\n')
	}
	s.WriteByte('\n')
	for _, p := range probes {
		fmt.Fprintf(s, "- **%s**: %s\n", p.key, p.about)
	}
}

// ratio is a multiple with two or three digits that mean something.
func ratio(x float64) string {
	switch {
	case x >= 9.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 0.995:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
