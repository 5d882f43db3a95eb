package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"runtime"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// chunkSize is about how many bytes of lines go from hand to hand. The output of a chunk can be a
// hundred times as long, if every line is two bytes of nonsense; that, times the chunks in flight,
// bounds the memory.
const chunkSize = 32 << 10

// A chunk is some whole lines on their way from the reader to a worker to the printer.
type chunk struct {
	lines []byte // each with "\n"
	first int    // number of the first, from 1

	out       []byte // the output
	documents int
	invalid   int
	rules     map[contact.Rule]int // errors by rule
}

func (c *chunk) reset() {
	c.lines, c.out, c.documents, c.invalid = c.lines[:0], c.out[:0], 0, 0
	if c.rules == nil {
		c.rules = make(map[contact.Rule]int)
	}
	clear(c.rules)
}

func (c *chunk) add(line []byte) { c.lines = append(append(c.lines, line...), '\n') }

// inOrder reads, works and writes at the same time, works on all cores, and writes in the order in
// which it read. A fixed number of values goes around. Read is called until it returns an error,
// with the last of which inOrder returns, nil for io.EOF; the values set before it count.
// Where write returns an error, nothing more is read, and that is the error.
func inOrder[T any](read func(*T) error, work func(*T), write func(*T) error) error {
	type job struct {
		value T
		done  chan struct{}
	}
	workers := runtime.GOMAXPROCS(0)
	n := 2*workers + 1
	free, todo, order := make(chan *job, n), make(chan *job, n), make(chan *job, n)
	for range n {
		free <- &job{done: make(chan struct{}, 1)}
	}
	var broken error // why reading ended; read after order is closed
	go func() {
		defer close(order)
		defer close(todo)
		for j := range free {
			broken = read(&j.value)
			todo <- j
			order <- j
			if broken != nil {
				return
			}
		}
	}()
	for range workers {
		go func() {
			for j := range todo {
				work(&j.value)
				j.done <- struct{}{}
			}
		}()
	}
	var unwritten error
	for j := range order {
		<-j.done
		switch {
		case unwritten != nil: // only to let the reader end
		default:
			if unwritten = write(&j.value); unwritten != nil {
				close(free)
				continue
			}
			free <- j
		}
	}
	if unwritten != nil {
		return unwritten
	}
	if errors.Is(broken, io.EOF) {
		return nil
	}
	return broken
}

// A summary is the last line of validate --ndjson.
type summary struct {
	Lines   int                  `json:"lines"` // documents: blank lines are not counted
	Valid   int                  `json:"valid"`
	Invalid int                  `json:"invalid"`
	Rules   map[contact.Rule]int `json:"rules"` // errors by rule
}

// validateLines checks a document on every line.
func (e *env) validateLines(name string, limit int, check func([]byte) error) error {
	in, err := e.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := ndjson.NewReader(in, limit)
	if err := lines.WrongMode(); err != nil {
		return fileError(name, err)
	}
	bar := e.progress("validate", in)
	out := e.records(e.stdout)
	sum := summary{Rules: make(map[contact.Rule]int)}
	err = inOrder(func(c *chunk) error {
		c.reset()
		c.first = lines.Number + 1
		// A slow writer's lines are judged as they come.
		for len(c.lines) < chunkSize && (len(c.lines) == 0 || !lines.Waits()) {
			line, err := lines.Next()
			if err != nil {
				return err
			}
			c.add(line)
		}
		return nil
	}, func(c *chunk) {
		c.judge(limit, check)
	}, func(c *chunk) error {
		if len(c.out) > 0 {
			bar.clear()
			e.write(out, c.out)
		}
		sum.Lines += c.documents
		sum.Invalid += c.invalid
		for rule, n := range c.rules {
			sum.Rules[rule] += n
		}
		bar.draw()
		return e.err
	})
	bar.clear()
	sum.Valid = sum.Lines - sum.Invalid
	if err = cmp.Or(err, in.unchanged()); err != nil {
		return err
	}
	return e.summarize(sum, sum.Invalid)
}

// summarize writes the totals of a run over many lines, and returns errInvalid if lines were refused.
func (e *env) summarize(sum any, refused int) error {
	text, _ := json.Marshal(sum) // it cannot fail: it holds numbers
	e.write(e.stderr, e.pretty(e.stderr, text))
	if refused > 0 {
		return errInvalid
	}
	return nil
}

// judge makes the chunk's report.
func (c *chunk) judge(limit int, check func([]byte) error) {
	number := c.first - 1
	for line := range bytes.Lines(c.lines) {
		number++
		line = line[:len(line)-1]
		if len(line) <= limit && ndjson.Blank(line) {
			continue
		}
		c.documents++
		err := ndjson.Overlong(line, limit)
		if err == nil {
			err = check(line)
		}
		if err == nil {
			continue
		}
		c.invalid++
		errs := ndjson.Faults(err)
		for _, one := range errs {
			c.rules[one.Rule]++
		}
		c.out = ndjson.AppendRecord(c.out, "line", number, line, errs, false)
	}
}
