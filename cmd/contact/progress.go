package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A progress draws a bar on a terminal, at most ten times a second.
type progress struct {
	out   io.Writer // nil: draw nothing
	what  string    // is being done
	total int64     // bytes to read; -1: not known
	done  func() int64
	start time.Time
	drawn time.Time
	shown bool
}

// newProgress draws on w, if it is a terminal, how much of an input is read.
func newProgress(w io.Writer, what string, in *input) *progress {
	p := &progress{what: what, total: in.size, done: in.done.Load, start: time.Now()}
	if isTerminal(w) {
		p.out = w
	}
	return p
}

// draw draws the bar anew if it is time to. A terminal narrower than the line cuts it: without
// automatic wrapping (DECAWM) nothing goes to the next line, so what matters most comes first.
func (p *progress) draw() {
	if now := time.Now(); p.out != nil && now.Sub(p.drawn) >= 100*time.Millisecond {
		p.drawn, p.shown = now, true
		fmt.Fprint(p.out, "\r\x1b[?7l", p.text(now.Sub(p.start)), "\x1b[K\x1b[?7h")
	}
}

// text returns the bar as it is after some time.
func (p *progress) text(elapsed time.Duration) string {
	const mega, width = 1e6, 30
	done := float64(p.done())
	rate := done / max(elapsed.Seconds(), 1e-3)
	text := fmt.Sprintf("%s: ", p.what)
	if p.total <= 0 {
		return text + fmt.Sprintf("%.0f MB, %.0f MB/s", done/mega, rate/mega)
	}
	share := min(1, done/float64(p.total))
	text += fmt.Sprintf("%3.0f%%", 100*share)
	if share > 0 {
		left := time.Duration(float64(elapsed) * (1 - share) / share)
		text += fmt.Sprintf(" %s left", left.Round(time.Second))
	}
	full := int(share * width)
	return text + fmt.Sprintf(" %.0f MB/s %.0f of %.0f MB [%s%s]", rate/mega, done/mega,
		float64(p.total)/mega, strings.Repeat("#", full), strings.Repeat(".", width-full))
}

// clear removes the bar, so that something else can be printed.
func (p *progress) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
