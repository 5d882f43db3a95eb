package schema

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

// A document is a JSON value that remembers the order of its members and those that are repeated,
// which the value that jsonschema/v6 judges cannot.
type document struct {
	value    any         // as jsonschema/v6 takes it; the first of repeated members wins
	children []*document // members and elements, in order
	tokens   []string    // the name or the index of each
	repeated []bool      // for each member, whether its name came before
}

// parse reads a JSON text. It is for texts that a scanner has accepted already, or for objects from
// a Contact; the error is that of encoding/json.
func parse(text []byte) (*document, error) {
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

var errTrailing = errors.New("schema: something follows the JSON value")

func parseValue(d *json.Decoder) (*document, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	doc := &document{value: token}
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
				object[name.(string)] = child.value
			}
			doc.children = append(doc.children, child)
			doc.tokens = append(doc.tokens, name.(string))
			doc.repeated = append(doc.repeated, repeated)
		}
		doc.value = object
	case json.Delim('['):
		array := []any{}
		for d.More() {
			child, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			doc.tokens = append(doc.tokens, strconv.Itoa(len(array)))
			array = append(array, child.value)
			doc.children = append(doc.children, child)
		}
		doc.repeated = make([]bool, len(array))
		doc.value = array
	default:
		return doc, nil
	}
	_, err = d.Token() // the closing bracket
	return doc, err
}

// member returns the first member of an object with the given name.
func (doc *document) member(name string) *document {
	return doc.children[slices.Index(doc.tokens, name)]
}

// faults is what was found wrong, as a tree in the shape of the document.
type faults struct {
	here []contact.Error // their pointers are still empty
	in   map[string]*faults
}

// below returns the faults of a member or element.
func (f *faults) below(token string) *faults {
	if f.in == nil {
		f.in = map[string]*faults{}
	}
	if f.in[token] == nil {
		f.in[token] = new(faults)
	}
	return f.in[token]
}

// A tree is the faults of a whole document. It remembers the last place that was asked for: names
// may be as long as the document, and thousands of faults inside a member must not hash its name
// thousands of times.
type tree struct {
	faults
	path []string
	way  []*faults // to each step of path
}

// at returns the faults at a place.
func (t *tree) at(path []string) *faults {
	same := 0
	for same < min(len(path), len(t.path)) && path[same] == t.path[same] {
		same++
	}
	t.path, t.way = append(t.path[:same], path[same:]...), t.way[:same]
	f := &t.faults
	if same > 0 {
		f = t.way[same-1]
	}
	for _, token := range path[same:] {
		f = f.below(token)
		t.way = append(t.way, f)
	}
	return f
}

// add adds a fault. Several of one rule at a place are one, unless their details differ.
func (f *faults) add(rule contact.Rule, detail string) {
	e := contact.Error{Code: contact.CodeValidationFailed, Rule: rule, Detail: detail}
	if !slices.Contains(f.here, e) {
		f.here = append(f.here, e)
	}
}

// report calls emit for every fault and every repeated member, in document order. At one place the
// order is by rule and detail, and members that are missing come last by name: jsonschema/v6
// reports in no stable order.
func (doc *document) report(f *faults, path []string, emit func(path []string, e contact.Error)) {
	emitAll(f.here, path, emit)
	var present map[string]bool
	if len(f.in) > 0 {
		present = make(map[string]bool, len(doc.tokens))
	}
	for i, child := range doc.children {
		token := doc.tokens[i]
		below := f.in[token]
		if doc.repeated[i] {
			below = nil
			emit(append(path, token), contact.Error{Code: contact.CodeValidationFailed, Rule: contact.RuleDuplicate, Detail: detailDuplicate})
		}
		if below == nil {
			below = none
		} else {
			present[token] = true
		}
		child.report(below, append(path, token), emit)
	}
	for _, token := range slices.Sorted(maps.Keys(f.in)) {
		if !present[token] {
			emitAll(f.in[token].here, append(path, token), emit)
		}
	}
}

// none is no faults at all.
var none = new(faults)

func emitAll(errs []contact.Error, path []string, emit func(path []string, e contact.Error)) {
	slices.SortFunc(errs, func(a, b contact.Error) int {
		return strings.Compare(string(a.Rule)+a.Detail, string(b.Rule)+b.Detail)
	})
	for _, e := range errs {
		emit(path, e)
	}
}

// maxPointer is the most characters that a pointer in an error has.
const maxPointer = 100

// pointer returns the JSON Pointer (RFC 6901) of a path, up to the last whole token that fits, and
// whether that is not all of it.
func pointer(path []string) (text string, truncated bool) {
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
