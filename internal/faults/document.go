// Package faults turns the faults that github.com/santhosh-tekuri/jsonschema/v6 finds in a JSON text
// into contact.Errors in document order. The reference engine and schema.MetaChecker share it.
package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/partner-contacts/contact"
)

// A Document is a JSON value that keeps the order of its members and notes repeated ones. The value
// that jsonschema/v6 validates keeps neither.
type Document struct {
	Value    any         // in the form that jsonschema/v6 takes; of repeated members, the first
	Children []*Document // members and elements, in order
	Tokens   []string    // the name or the index of each
	repeated []bool      // for each member, whether an earlier one has its name
}

// Parse reads a JSON text. The text must have been accepted by a scanner or come from a Contact. The
// error is that of encoding/json.
func Parse(text []byte) (*Document, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	doc, err := parseValue(d)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errTrailing
		}
	}
	return doc, err
}

var errTrailing = errors.New("faults: something follows the JSON value")

func parseValue(d *json.Decoder) (*Document, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	doc := &Document{Value: token}
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			child, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			_, repeated := object[name.(string)]
			if !repeated {
				object[name.(string)] = child.Value
			}
			doc.Children = append(doc.Children, child)
			doc.Tokens = append(doc.Tokens, name.(string))
			doc.repeated = append(doc.repeated, repeated)
		}
		doc.Value = object
	case json.Delim('['):
		array := []any{}
		for d.More() {
			child, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			doc.Tokens = append(doc.Tokens, strconv.Itoa(len(array)))
			array = append(array, child.Value)
			doc.Children = append(doc.Children, child)
		}
		doc.repeated = make([]bool, len(array))
		doc.Value = array
	default:
		return doc, nil
	}
	_, err = d.Token() // the closing bracket
	return doc, err
}

// Member returns the first member of an object with the given name.
func (doc *Document) Member(name string) *Document {
	return doc.Children[slices.Index(doc.Tokens, name)]
}

// Faults holds the errors at one place of a document and those below it, by member or index.
type Faults struct {
	here []contact.Error // their pointers are still empty
	in   map[string]*Faults
}

// Empty reports whether there are no faults.
func (f *Faults) Empty() bool { return f.in == nil && f.here == nil }

// Below returns the faults of a member or element.
func (f *Faults) Below(token string) *Faults {
	if f.in == nil {
		f.in = map[string]*Faults{}
	}
	if f.in[token] == nil {
		f.in[token] = new(Faults)
	}
	return f.in[token]
}

// A Tree is the faults of a whole document. It caches the path of the last call of At: a name may be
// as long as the document, and must not be hashed once for each of thousands of faults inside its
// member.
type Tree struct {
	Faults
	path  []string
	steps []*Faults // the faults at each prefix of path
}

// At returns the faults at a place.
func (t *Tree) At(path []string) *Faults {
	same := 0
	for same < min(len(path), len(t.path)) && path[same] == t.path[same] {
		same++
	}
	t.path, t.steps = append(t.path[:same], path[same:]...), t.steps[:same]
	f := &t.Faults
	if same > 0 {
		f = t.steps[same-1]
	}
	for _, token := range path[same:] {
		f = f.Below(token)
		t.steps = append(t.steps, f)
	}
	return f
}

// Add adds a fault, unless the place already has one with the same rule and detail.
func (f *Faults) Add(rule contact.Rule, detail string) {
	e := contact.Error{Code: "validation_failed", Rule: rule, Detail: detail}
	if !slices.Contains(f.here, e) {
		f.here = append(f.here, e)
	}
}

// Report calls emit for every fault and every repeated member, in document order. jsonschema/v6
// reports in no stable order, so at one place Report sorts by rule and detail. Missing members come
// last, by name.
func (doc *Document) Report(f *Faults, path []string, emit func(path []string, e contact.Error)) {
	emitAll(f.here, path, emit)
	var present map[string]bool
	if len(f.in) > 0 {
		present = make(map[string]bool, len(doc.Tokens))
	}
	for i, child := range doc.Children {
		token := doc.Tokens[i]
		below := f.in[token]
		if doc.repeated[i] {
			below = nil
			emit(append(path, token), contact.Error{Code: "validation_failed", Rule: contact.RuleDuplicate, Detail: detailDuplicate})
		}
		if below == nil {
			below = none
		} else {
			present[token] = true
		}
		child.Report(below, append(path, token), emit)
	}
	for _, token := range slices.Sorted(maps.Keys(f.in)) {
		if !present[token] {
			emitAll(f.in[token].here, append(path, token), emit)
		}
	}
}

// detailDuplicate is the detail of a repeated member.
const detailDuplicate = "The same member came before in this object."

// none is an empty Faults.
var none = new(Faults)

func emitAll(errs []contact.Error, path []string, emit func(path []string, e contact.Error)) {
	slices.SortFunc(errs, func(a, b contact.Error) int {
		return strings.Compare(string(a.Rule)+a.Detail, string(b.Rule)+b.Detail)
	})
	for _, e := range errs {
		emit(path, e)
	}
}

// maxPointer is the maximum length of a pointer in an error, in characters.
const maxPointer = 100

// Pointer returns the JSON Pointer (RFC 6901) of a path, cut after the last whole token that fits, and
// reports whether it was cut.
func Pointer(path []string) (text string, truncated bool) {
	var b strings.Builder
	length := 0
	for _, token := range path {
		if len(token) > utf8.UTFMax*maxPointer {
			return b.String(), true
		}
		token = "/" + escaper.Replace(token)
		if length += utf8.RuneCountInString(token); length > maxPointer {
			return b.String(), true
		}
		b.WriteString(token)
	}
	return b.String(), false
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")
