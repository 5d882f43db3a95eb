package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rivo/uniseg"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// pretty returns JSON as a stream takes it: indented for a person, else on one line.
func (e *env) pretty(w io.Writer, text []byte) []byte {
	var out bytes.Buffer
	// They cannot fail: the text is JSON that the library wrote or took.
	if e.toPerson(w) && !e.compact {
		_ = json.Indent(&out, text, "", "  ")
	} else {
		_ = json.Compact(&out, text)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// printJSON writes one JSON document to standard output.
func (e *env) printJSON(document []byte) { e.write(e.stdout, e.pretty(e.stdout, document)) }

// note writes a JSON object of one member to standard error: a remark on a result.
func (e *env) note(key string, value any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// It cannot fail: the values are ours, or JSON that the library wrote.
	_ = encoder.Encode(map[string]any{key: value})
	e.write(e.stderr, out.Bytes())
}

// A color is the number of an ANSI colour.
type color int

const (
	bold  color = 1
	red   color = 31
	green color = 32
)

// paint returns a text in a colour, for a person.
func (e *env) paint(c color, text string) string {
	if !e.color {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[m", c, text)
}

// report is the one line that says whether a file is valid.
func (e *env) report(name string, errs contact.Errors) {
	line := e.paint(green, "valid")
	if n := len(errs); n == 1 {
		line = e.paint(red, "1 error")
	} else if n > 1 {
		line = e.paint(red, fmt.Sprintf("%d errors", n))
	}
	if line = name + ": " + line; !e.toPerson(e.stdout) {
		quoted, _ := json.Marshal(name) // it cannot fail: the name is a string
		line = fmt.Sprintf(`{"file":%s,"valid":true}`, quoted)
		if len(errs) > 0 {
			line = fmt.Sprintf(`{"file":%s,"valid":false,"errors":%d}`, quoted, len(errs))
		}
	}
	e.write(e.stdout, []byte(line+"\n"))
}

// refuse reports a file as invalid on standard output and writes the envelope, with the file's name
// in it, to standard error, a line for each error.
func (e *env) refuse(name string, body []byte, err error) error {
	errs := ndjson.Faults(err)
	if errs == nil {
		return fileError(name, err)
	}
	e.report(name, errs)
	var out bytes.Buffer
	if e.toPerson(e.stderr) {
		for _, one := range errs {
			out.WriteString("  " + e.sentence(one) + "\n" + e.excerpt(body, one))
		}
	} else {
		quoted, _ := json.Marshal(name)
		fmt.Fprintf(&out, `{"file":%s,"errors":[`, quoted)
		lead := "\n  "
		for _, one := range errs {
			text, _ := one.MarshalJSON() // it never fails
			out.WriteString(lead + string(text))
			lead = ",\n  "
		}
		out.WriteString("\n]}\n")
	}
	if hint := linesHint(body, errs); hint != "" {
		fmt.Fprintf(&out, "%s: %s\n", name, hint)
	}
	e.write(e.stderr, out.Bytes())
	return errInvalid
}

// sentence says an error to a person.
func (e *env) sentence(one contact.Error) string {
	where := one.Pointer
	if where != "" {
		where = " at " + where
	}
	text := e.paint(bold, one.Title()) + where + ": " + one.Detail
	if one.Meta.Suggestion != "" {
		text += " (did you mean " + one.Meta.Suggestion + "?)"
	}
	return text
}

// linesHint tells who judges a file of many documents as one.
func linesHint(body []byte, errs contact.Errors) string {
	if errs[0].Rule != contact.RuleSyntax && errs[0].Pointer != "" {
		return ""
	}
	trimmed := bytes.TrimLeft(body, ndjson.Space)
	values := json.NewDecoder(bytes.NewReader(trimmed))
	var first json.RawMessage
	err := values.Decode(&first)
	more := err == nil && bytes.HasPrefix(bytes.TrimLeft(trimmed[values.InputOffset():], ndjson.Space), []byte("{"))
	switch {
	case more && bytes.Contains(first, []byte("\n")):
		return "it has several documents; jq -c . writes a line for each, and --ndjson reads them"
	case more:
		return "it has a document on every line, which --ndjson is for"
	case bytes.HasPrefix(trimmed, []byte("[")) && json.Valid(body):
		return "it is an array; jq -c '.[]' writes a line for each document, and --ndjson reads them"
	}
	return ""
}

// locate returns where the value that an error is about begins in a document, or -1 if it has no
// place: a member that is missing.
func locate(body []byte, one contact.Error) int {
	if one.Rule == contact.RuleSyntax || one.Rule == contact.RuleDepth {
		return min(one.Meta.Offset, len(body))
	}
	at := -1
	tokens := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		_, err := tokens.ReadToken()
		if err != nil {
			return at
		}
		if string(tokens.StackPointer()) == one.Pointer && one.Pointer != "" {
			// The name, and after it the value. Of a name that comes twice the last one is meant.
			kind := tokens.PeekKind()
			end := int(tokens.InputOffset())
			if isName, length := tokens.StackIndex(tokens.StackDepth()); isName == '{' && length%2 == 1 && kind != jsontext.KindInvalid {
				at = end + len(body[end:]) - len(bytes.TrimLeft(body[end:], ndjson.Space+":"))
				if one.Rule == contact.RuleUnknown || one.Rule == contact.RuleDuplicate {
					at = bytes.LastIndexByte(body[:end-1], '"')
				}
			} else if at < 0 {
				at = end - 1
			}
		}
	}
}

// excerpt returns the line in which an error is, and a caret under the place.
func (e *env) excerpt(body []byte, one contact.Error) string {
	at := locate(body, one)
	if at < 0 {
		return ""
	}
	start := bytes.LastIndexByte(body[:at], '\n') + 1
	number := bytes.Count(body[:start], []byte("\n")) + 1
	line, _, _ := bytes.Cut(body[start:], []byte("\n"))
	show := func(text []byte) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, string(text))
	}
	before, after := show(line[:min(at-start, len(line))]), show(line[min(at-start, len(line)):])
	gutter := fmt.Sprintf("  %d:%d │ ", number, len([]rune(before))+1)
	// A long line is cut on both sides of the place.
	width, ok := isTerminal(e.stderr)
	if !ok || width < 40 {
		width = 80
	}
	half := (width - len(gutter)) / 2
	before = clip(before, half, true)
	after = clip(after, half, false)
	blank := strings.Repeat(" ", len([]rune(gutter))-2) + "│ "
	return gutter + before + after + "\n" + blank + strings.Repeat(" ", uniseg.StringWidth(before)) + e.paint(red, "^") + "\n"
}

// clip returns the end or the start of a text that fits into a width.
func clip(text string, width int, end bool) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	if end {
		return "…" + string(runes[len(runes)-width+1:])
	}
	return string(runes[:width-1]) + "…"
}

// A recordWriter turns records of refused lines into text, if a person reads them.
type recordWriter struct {
	*env
	to   io.Writer
	rest []byte // of a line whose end is still to come
}

// records returns where to write records to.
func (e *env) records(to io.Writer) io.Writer {
	if e.toPerson(to) {
		return &recordWriter{env: e, to: to}
	}
	return to
}

// Write writes the lines that are whole.
func (w *recordWriter) Write(text []byte) (int, error) {
	var out bytes.Buffer
	end := bytes.LastIndexByte(text, '\n') + 1
	if end == 0 {
		w.rest = append(w.rest, text...)
		return len(text), nil
	}
	lines := append(w.rest, text[:end]...)
	w.rest = slices.Clone(text[end:])
	for line := range bytes.Lines(lines) {
		var record struct {
			Line, Contact, Row, Last int
			ID                       string
			Errors                   []json.RawMessage
		}
		if json.Unmarshal(line, &record) != nil {
			out.Write(line)
			continue
		}
		for _, text := range record.Errors {
			var one contact.Error
			var at struct{ Column int }
			_ = json.Unmarshal(text, &one) // they cannot fail: this program wrote the text
			_ = json.Unmarshal(text, &at)
			where := slices.DeleteFunc([]string{
				number("line", record.Line), number("contact", record.Contact), number("row", record.Row),
				number("column", at.Column), record.ID,
			}, func(s string) bool { return s == "" })
			fmt.Fprintf(&out, "%s: %s\n", strings.Join(where, ", "), w.sentence(one))
		}
	}
	if _, err := w.to.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(text), nil
}

func number(what string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(what, " ", n)
}
