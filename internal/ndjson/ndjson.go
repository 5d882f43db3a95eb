// Package ndjson reads files with a document on every line, for programs that bring two of them
// together, and writes rejects: a record on every line.
package ndjson

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/partner-contacts/contact"
)

// MaxLine is the longest line where no flag sets a limit.
const MaxLine = 16 << 20

// A Reader reads lines and counts them.
type Reader struct {
	src    *bufio.Reader
	Limit  int    // of a line, in bytes
	Number int    // of the last line read, from 1
	long   []byte // a line that is longer than the buffer of src
}

func NewReader(r io.Reader, limit int) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, 64<<10), Limit: limit}
}

// Next returns the next line without its end, until the call after. Of a line that is too long it
// is only the start, which is enough to see that.
func (in *Reader) Next() ([]byte, error) {
	line, err := in.src.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		in.long = append(in.long[:0], line...)
		for err == bufio.ErrBufferFull {
			line, err = in.src.ReadSlice('\n')
			// Room for one byte too many and the line's end, of two bytes.
			room := in.Limit + 3 - len(in.long)
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
	in.Number++
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// Waits reports whether the next line is not here yet, so that earlier output should not wait.
func (in *Reader) Waits() bool { return in.src.Buffered() == 0 }

// Overlong returns the error for a line of more than limit bytes, of which there is only the start.
func Overlong(line []byte, limit int) error {
	if len(line) <= limit {
		return nil
	}
	return contact.Options{MaxBytes: limit}.CheckPatch(line)
}

// Blank reports whether a line holds no document.
func Blank(line []byte) bool {
	return (len(line) == 0 || line[0] <= ' ') && len(bytes.Trim(line, " \t\r")) == 0
}

// WrongMode returns an error if the input is one JSON value on several lines, or an array of
// documents, and not a document on every line. It looks only at text that is there without waiting
// for more, of which 64 KiB are read.
func (in *Reader) WrongMode() error {
	_, _ = in.src.Peek(1) // it waits for a first piece
	head, _ := in.src.Peek(in.src.Buffered())
	first, _, _ := bytes.Cut(bytes.TrimLeft(head, Space), []byte("\n"))
	values := json.NewDecoder(bytes.NewReader(head))
	var one json.RawMessage
	err := values.Decode(&one)
	switch {
	case bytes.HasPrefix(first, []byte("[{")), err == nil && bytes.HasPrefix(one, []byte("[")) && bytes.Contains(one, []byte("\n")),
		err == io.ErrUnexpectedEOF && string(bytes.TrimSpace(first)) == "[":
		return errors.New("the input is an array: put each document on a line of its own, as jq -c '.[]' does")
	case err == nil && bytes.Contains(one, []byte("\n")):
		return errors.New("the input has one document on several lines: put each on a line of its own, as jq -c . does")
	}
	return nil
}

// Faults returns the Faults of a document, from outside or from a store, or nil for an error of
// another kind.
func Faults(err error) (errs contact.Errors) {
	var stored *contact.StoreError
	if errors.As(err, &stored) {
		return stored.Errors()
	}
	errors.As(err, &errs)
	return errs
}

// ServiceError returns an error that is none of the library's.
func ServiceError(status int, code, title, detail string, rule contact.Rule) contact.Error {
	e := contact.NewServiceError(status, contact.Code(code), title, detail)
	e.Rule = rule
	return e
}

// NotFound is the error of a line whose contact is not there.
func NotFound() contact.Error {
	e := ServiceError(http.StatusNotFound, "not_found", "Contact not found", "Send the id of a contact that is there.", "not_found")
	e.Pointer = "/id"
	return e
}

// Refusal returns the faults of a patch that could not be applied: its own faults, or that
// its contact cannot take it.
func Refusal(err error) contact.Errors {
	errs := Faults(err)
	if len(errs) == 0 || errors.As(err, new(*contact.StoreError)) {
		errs = contact.Errors{ServiceError(http.StatusInternalServerError, "stored_contact", "Stored contact cannot be updated", err.Error(), "stored")}
	}
	return errs
}

// Unreadable returns the faults of a line that has no id that can be read, or that is longer
// than limit, by a judge of the whole of it.
func Unreadable(line []byte, limit int, check func([]byte) error) contact.Errors {
	errs := Faults(Overlong(line, limit))
	if errs == nil {
		errs = Faults(check(line))
	}
	if errs == nil {
		errs = IDMissing()
	}
	return errs
}

// IDMissing is the library's error for a contact without an id.
func IDMissing() contact.Errors {
	errs := Faults(contact.Check([]byte("{}")))
	return slices.DeleteFunc(errs, func(e contact.Error) bool { return e.Pointer != "/id" })
}

// AppendRecord appends the Faults of a line: its number, its id if that can be read, the errors, and
// if it is to be whole the line itself.
func AppendRecord(dst []byte, key string, number int, line []byte, errs contact.Errors, whole bool) []byte {
	dst = append(append(append(dst, `{"`...), key...), `":`...)
	dst = append(strconv.AppendInt(dst, int64(number), 10), ',')
	if id, ok := ID(line); ok {
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

const Space = " \t\r\n" // RFC 8259, section 2

// ID finds the id of a contact or a patch without judging the rest: if the document is valid, it
// is the id that the engine reads.
func ID(doc []byte) (contact.ID, bool) {
	const usual = `{"id":"`
	if end := len(usual) + idLength; len(doc) > end && doc[end] == '"' &&
		string(doc[:len(usual)]) == usual {
		if id, ok := parseID(doc[len(usual):end]); ok {
			return id, true
		}
	}
	if !bytes.HasPrefix(bytes.TrimLeft(doc, Space), []byte("{")) {
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
			after := bytes.TrimLeft(rest, Space)
			// Inside an object's own level only a name has a colon behind it.
			if depth == 1 && len(after) > 0 && after[0] == ':' && string(unquote(name)) == "id" {
				value, _, _ := cutString(bytes.TrimLeft(after[1:], Space))
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

// unquote returns the text of a JSON string, or nil if it is not one.
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
