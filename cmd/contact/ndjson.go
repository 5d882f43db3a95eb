package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/partner-contacts/contact"
)

// chunkSize is about how many bytes of lines go from hand to hand. A chunk's report can be a hundred times as long, if
// every line is two bytes of nonsense; that, times the chunks in flight, bounds the memory.
const chunkSize = 32 << 10

// A chunk is some whole lines on their way from the reader to a worker to the printer.
type chunk struct {
	lines []byte // each with its end
	first int    // number of the first, from 1
	size  int64  // bytes of the input that it stands for

	report    []byte // what is to be printed
	documents int
	invalid   int
	rules     map[contact.Rule]int

	done chan struct{} // receives once the report is made
}

// A summary is the last line of validate --ndjson.
type summary struct {
	Lines   int                  `json:"lines"` // documents: blank lines are not counted
	Valid   int                  `json:"valid"`
	Invalid int                  `json:"invalid"`
	Rules   map[contact.Rule]int `json:"rules"` // errors by rule
}

// validateLines checks a document on every line with as many workers as there are cores. The printer takes the chunks in
// the order in which they were read; a fixed number of them goes around.
func (e *env) validateLines(name string, limit int, check func([]byte) error) int {
	file, total, err := e.open(name)
	if err != nil {
		return e.trouble("validate", err.Error())
	}
	defer file.Close()

	workers := runtime.GOMAXPROCS(0)
	chunks := 2*workers + 1
	free, work, order := make(chan *chunk, chunks), make(chan *chunk, chunks), make(chan *chunk, chunks)
	for range chunks {
		free <- &chunk{rules: make(map[contact.Rule]int), done: make(chan struct{}, 1)}
	}
	var stop atomic.Bool
	var broken error // why the input ended early; read after order is closed
	go func() {
		defer close(order)
		defer close(work)
		in := lineReader{src: bufio.NewReaderSize(file, chunkSize), limit: limit, line: 1}
		for c := range free {
			if broken = in.next(c); len(c.lines) > 0 {
				work <- c
				order <- c
			}
			if broken != nil || stop.Load() {
				return
			}
		}
	}()
	for range workers {
		go func() {
			for c := range work {
				c.judge(limit, check)
				c.done <- struct{}{}
			}
		}()
	}

	sum := summary{Rules: make(map[contact.Rule]int)}
	bar := newProgress(e.stderr, total)
	for c := range order {
		<-c.done
		if len(c.report) > 0 {
			bar.clear()
			e.write(e.stdout, c.report)
			// Nobody reads the rest.
			stop.Store(e.err != nil)
		}
		sum.Lines += c.documents
		sum.Invalid += c.invalid
		for rule, n := range c.rules {
			sum.Rules[rule] += n
		}
		bar.add(c.size)
		free <- c
	}
	bar.clear()
	sum.Valid = sum.Lines - sum.Invalid
	text, _ := json.Marshal(sum) // it cannot fail: it holds numbers
	e.write(e.stderr, append(text, '\n'))
	switch {
	case broken != nil && broken != io.EOF:
		return e.trouble("validate", broken.Error())
	case sum.Invalid > 0:
		return exitInvalid
	}
	return exitOK
}

// A lineReader cuts the input into chunks of whole lines.
type lineReader struct {
	src   *bufio.Reader
	limit int // of a line, in bytes
	line  int // number of the next
}

// next fills a chunk. Of a line that is too long it keeps only enough for the library to refuse it. It returns early
// when nothing more is ready, so that a slow writer's lines are judged as they come. The error ends the input; what was
// read before it is in the chunk.
func (in *lineReader) next(c *chunk) error {
	c.lines, c.first, c.size = c.lines[:0], in.line, 0
	start := 0
	for {
		part, err := in.src.ReadSlice('\n')
		c.size += int64(len(part))
		// Room for one byte too many and the line's end, of two bytes.
		room := in.limit + 3 - (len(c.lines) - start)
		c.lines = append(c.lines, part[:max(0, min(len(part), room))]...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if n := len(c.lines); n > start && c.lines[n-1] != '\n' {
			c.lines = append(c.lines, '\n')
		}
		if err != nil {
			return err
		}
		in.line++
		start = len(c.lines)
		if start >= chunkSize || in.src.Buffered() == 0 {
			return nil
		}
	}
}

// judge makes the chunk's report.
func (c *chunk) judge(limit int, check func([]byte) error) {
	c.report, c.documents, c.invalid = c.report[:0], 0, 0
	clear(c.rules)
	rest := c.lines
	for number := c.first; len(rest) > 0; number++ {
		end := bytes.IndexByte(rest, '\n')
		line := bytes.TrimSuffix(rest[:end], []byte("\r"))
		rest = rest[end+1:]
		if len(line) <= limit && len(bytes.Trim(line, " \t\r")) == 0 {
			continue
		}
		c.documents++
		err := check(line)
		if err == nil {
			continue
		}
		c.invalid++
		errs := faults(err)
		for _, one := range errs {
			c.rules[one.Rule]++
		}
		c.report = append(c.report, `{"line":`...)
		c.report = strconv.AppendInt(c.report, int64(number), 10)
		// The envelope's own opening bracket becomes the comma.
		comma := len(c.report)
		c.report = errs.AppendJSON(c.report)
		c.report[comma] = ','
		c.report = append(c.report, '\n')
	}
}

// A progress draws a bar on a terminal, at most ten times a second.
type progress struct {
	out   io.Writer // nil: draw nothing
	total int64     // -1: not known
	done  int64
	start time.Time
	drawn time.Time
	shown bool
}

// newProgress draws on w if it is a terminal.
func newProgress(w io.Writer, total int64) *progress {
	p := &progress{total: total, start: time.Now()}
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.out = w
		}
	}
	return p
}

// add counts n more bytes.
func (p *progress) add(n int64) {
	p.done += n
	if now := time.Now(); p.out != nil && now.Sub(p.drawn) >= 100*time.Millisecond {
		p.drawn, p.shown = now, true
		fmt.Fprint(p.out, "\r", p.text(now.Sub(p.start)), "\x1b[K")
	}
}

// text returns the bar as it is after some time.
func (p *progress) text(elapsed time.Duration) string {
	const mega, width = 1e6, 30
	rate := float64(p.done) / mega / max(elapsed.Seconds(), 1e-3)
	if p.total <= 0 {
		return fmt.Sprintf("%.0f MB, %.0f MB/s", float64(p.done)/mega, rate)
	}
	share := min(1, float64(p.done)/float64(p.total))
	bar := bytes.Repeat([]byte("."), width)
	for i := range int(share * width) {
		bar[i] = '#'
	}
	return fmt.Sprintf("[%s] %3.0f%%  %.0f of %.0f MB, %.0f MB/s", bar, 100*share,
		float64(p.done)/mega, float64(p.total)/mega, rate)
}

// clear removes the bar, so that something else can be printed.
func (p *progress) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
