package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress draws a bar on a terminal, at most ten times a second. The zero value draws nothing.
type progress struct {
	bar  *progressbar.ProgressBar
	in   *input
	next time.Time
}

// progress draws on standard error, if it is a terminal, how much of an input is read.
func (e *env) progress(verb string, in *input) *progress {
	if _, ok := isTerminal(e.stderr); !ok {
		return new(progress)
	}
	return &progress{in: in, bar: progressbar.NewOptions64(in.size,
		progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription(verb),
		progressbar.OptionShowBytes(true), progressbar.OptionFullWidth(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionUseANSICodes(true), progressbar.OptionClearOnFinish())}
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
