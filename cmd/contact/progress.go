package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress draws a bar on a terminal, at most ten times a second. The zero value draws nothing.
type progress struct {
	bar  *progressbar.ProgressBar
	in   *input
	next time.Time
}

// progress draws on standard error, if it is a terminal, how much of an input is read. On a narrow
// terminal the rate and the time left stay.
func (e *env) progress(verb string, in *input) *progress {
	columns, ok := isTerminal(e.stderr)
	if !ok {
		return new(progress)
	}
	const others = 52 // columns beside the bar
	options := []progressbar.Option{
		progressbar.OptionSetWriter(unwrapped{e.stderr}), progressbar.OptionShowBytes(true),
		progressbar.OptionSetWidth(max(1, columns-others)), progressbar.OptionSetPredictTime(true),
		progressbar.OptionUseANSICodes(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0), // or a goroutine draws, in a race with clear
	}
	if columns >= others {
		options = append(options, progressbar.OptionSetDescription(verb))
	}
	if columns >= others || in.size < 0 {
		options = append(options, progressbar.OptionShowCount())
	}
	return &progress{in: in, bar: progressbar.NewOptions64(in.size, options...)}
}

// unwrapped writes to a terminal without its automatic wrapping (DECAWM), so that one that has become
// too narrow cuts a line.
type unwrapped struct{ io.Writer }

func (u unwrapped) Write(text []byte) (int, error) {
	_, err := u.Writer.Write(append(append([]byte("\x1b[?7l"), text...), "\x1b[?7h"...))
	return len(text), err
}

// draw draws the bar anew if it is time to.
func (p *progress) draw() {
	if p.bar == nil {
		return
	}
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(100 * time.Millisecond)
		done := p.in.done.Load()
		if p.in.size > 0 {
			done = min(done, p.in.size-1) // the bar is whole when the work is
		}
		_ = p.bar.Set64(done) // an error is the terminal's
	}
}

// clear removes the bar, so that something else can be printed.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
