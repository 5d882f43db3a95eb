package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strconv"

	"github.com/partner-contacts/contact"
)

// chunkSize is about how many bytes of lines go from hand to hand. What comes of a chunk can be a
// hundred times as long, if every line is two bytes of nonsense; that, times the chunks in flight,
// bounds the memory.
const chunkSize = 32 << 10

// maxLine is the longest line where no flag sets a limit.
const maxLine = 16 << 20

// A lineReader reads lines and counts them.
type lineReader struct {
	src    *bufio.Reader
	limit  int    // of a line, in bytes
	number int    // of the last line read, from 1
	long   []byte // a line that is longer than the buffer of src
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{src: bufio.NewReaderSize(r, 2*chunkSize), limit: limit}
}

// next returns the next line without its end, until the call after. Of a line that is too long it
// is only the start, which is enough to see that.
func (in *lineReader) next() ([]byte, error) {
	line, err := in.src.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		in.long = append(in.long[:0], line...)
		for err == bufio.ErrBufferFull {
			line, err = in.src.ReadSlice('\n')
			// Room for one byte too many and the line's end, of two bytes.
			room := in.limit + 3 - len(in.long)
			in.long = append(in.long, line[:max(0, min(len(line), room))]...)
		}
		line = in.long
	}
	if err == io.EOF && len(line) > 0 {
		err = nil // it comes again at the next call
	}
	if err != nil {
		return nil, err
	}
	in.number++
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// waits reports whether the next line is not here yet, so that what came before should not wait.
func (in *lineReader) waits() bool { return in.src.Buffered() == 0 }

// overlong returns the error for a line of more than limit bytes, of which there is only the start.
func overlong(line []byte, limit int) error {
	if len(line) <= limit {
		return nil
	}
	return contact.Options{MaxBytes: limit}.CheckPatch(line)
}

// blank reports whether a line holds no document.
func blank(line []byte) bool {
	return (len(line) == 0 || line[0] <= ' ') && len(bytes.Trim(line, " \t\r")) == 0
}

// A chunk is some whole lines on their way from the reader to a worker to the printer.
type chunk struct {
	lines []byte // each with "\n"
	first int    // number of the first, from 1

	out       []byte // what is to be printed
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
// with the last of which inOrder returns, nil for io.EOF; what it put into the value before counts.
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
	lines := newLineReader(in, limit)
	if err := lines.wrongMode(); err != nil {
		return err
	}
	bar := e.progress("validate", in)
	out := e.records(e.stdout)
	sum := summary{Rules: make(map[contact.Rule]int)}
	err = inOrder(func(c *chunk) error {
		c.reset()
		c.first = lines.number + 1
		// A slow writer's lines are judged as they come.
		for len(c.lines) < chunkSize && (len(c.lines) == 0 || !lines.waits()) {
			line, err := lines.next()
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
	return cmp.Or(err, in.unchanged(), e.summarize(sum, sum.Invalid))
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

// wrongMode returns an error if the input is one JSON value on several lines, or an array of
// documents, and not a document on every line. It looks only at text that is there without waiting
// for more, of which 64 KiB are read.
func (in *lineReader) wrongMode() error {
	_, _ = in.src.Peek(1) // it waits for a first piece
	head, _ := in.src.Peek(in.src.Buffered())
	first, _, _ := bytes.Cut(bytes.TrimLeft(head, jsonSpace), []byte("\n"))
	values := json.NewDecoder(bytes.NewReader(head))
	var one json.RawMessage
	err := values.Decode(&one)
	switch {
	case bytes.HasPrefix(first, []byte("[{")):
		return errors.New("the input is an array: put each document on a line of its own, as jq -c '.[]' does")
	case err == nil && bytes.Contains(one, []byte("\n")), err == io.ErrUnexpectedEOF && string(bytes.TrimSpace(first)) == "[":
		return errors.New("the input has one document on several lines: put each on a line of its own, as jq -c does, or leave out --ndjson")
	}
	return nil
}

// judge makes the chunk's report.
func (c *chunk) judge(limit int, check func([]byte) error) {
	number := c.first - 1
	for line := range bytes.Lines(c.lines) {
		number++
		line = line[:len(line)-1]
		if len(line) <= limit && blank(line) {
			continue
		}
		c.documents++
		err := overlong(line, limit)
		if err == nil {
			err = check(line)
		}
		if err == nil {
			continue
		}
		c.invalid++
		errs := faults(err)
		for _, one := range errs {
			c.rules[one.Rule]++
		}
		c.out = appendRecord(c.out, "line", number, line, errs, false)
	}
}

// appendRecord appends the faults of a line: its number, its id if that can be read, the errors, and
// if it is to be whole the line itself.
func appendRecord(dst []byte, key string, number int, line []byte, errs contact.Errors, whole bool) []byte {
	dst = append(append(append(dst, `{"`...), key...), `":`...)
	dst = append(strconv.AppendInt(dst, int64(number), 10), ',')
	if id, ok := idOf(line); ok {
		dst = append(append(append(dst, `"id":"`...), id.String()...), `",`...)
	}
	// The envelope's own brackets go.
	dst = append(dst, errs.AppendJSON(nil)[1:]...)
	dst = dst[:len(dst)-1]
	switch {
	case !whole || errs[0].Rule == contact.RuleSize: // of a line that is too long only the start is known
	case json.Valid(line):
		dst = append(append(dst, `,"document":`...), line...)
	default:
		text, _ := json.Marshal(string(line)) // it cannot fail: it is a string
		dst = append(append(dst, `,"text":`...), text...)
	}
	return append(dst, "}\n"...)
}

const jsonSpace = " \t\r\n" // RFC 8259, section 2

// idOf finds the id of a contact or a patch without judging the rest: if the document is valid, it
// is the id that the engine reads.
func idOf(doc []byte) (contact.ID, bool) {
	const usual = `{"id":"`
	if end := len(usual) + idLength; len(doc) > end && doc[end] == '"' &&
		string(doc[:len(usual)]) == usual {
		if id, ok := parseID(doc[len(usual):end]); ok {
			return id, true
		}
	}
	if !bytes.HasPrefix(bytes.TrimLeft(doc, jsonSpace), []byte("{")) {
		return contact.ID{}, false
	}
	depth := 0
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			name, rest, ok := cutString(doc[i:])
			if !ok {
				return contact.ID{}, false
			}
			after := bytes.TrimLeft(rest, jsonSpace)
			// Inside an object's own level only a name has a colon behind it.
			if depth == 1 && len(after) > 0 && after[0] == ':' && string(unquote(name)) == "id" {
				value, _, _ := cutString(bytes.TrimLeft(after[1:], jsonSpace))
				return parseID(unquote(value))
			}
			i = len(doc) - len(rest) - 1
		}
	}
	return contact.ID{}, false
}

// cutString cuts a JSON string, with its quotes, off the front of a text.
func cutString(text []byte) (token, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, text, false
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i+1], text[i+1:], true
		}
	}
	return nil, text, false
}

// unquote returns what a JSON string says, or nil if it is none.
func unquote(token []byte) []byte {
	if len(token) < 2 {
		return nil
	}
	if bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1]
	}
	var text string
	if json.Unmarshal(token, &text) != nil {
		return nil
	}
	return []byte(text)
}

const idLength = 36

// parseID is contact.ParseID for bytes, ten million times: it allocates nothing.
func parseID(text []byte) (id contact.ID, ok bool) {
	if len(text) != idLength {
		return id, false
	}
	at := 0
	for _, group := range [...]struct{ start, end int }{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		n, err := hex.Decode(id[at:], text[group.start:group.end])
		if err != nil || group.end < idLength && text[group.end] != '-' {
			return contact.ID{}, false
		}
		at += n
	}
	// Version 4, variant 10 (RFC 9562, sections 4.1 and 4.2).
	return id, id[6]>>4 == 4 && id[8]>>6 == 2
}
