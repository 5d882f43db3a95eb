package contact_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A tree is a decoded JSON value: nil, bool, string, json.Number, []any or an object.
type (
	tree   = any
	object []pair
	pair   struct {
		name  string
		value tree
	}
)

func (o object) index(name string) int {
	return slices.IndexFunc(o, func(m pair) bool { return m.name == name })
}

// get returns the value of a member, or absent.
func (o object) get(name string) tree {
	if i := o.index(name); i >= 0 {
		return o[i].value
	}
	return absent
}

// with returns a copy of o with a member set, at the end if it is new, or removed if the value is absent.
func (o object) with(name string, value tree) object {
	o = slices.Clone(o)
	i := o.index(name)
	switch {
	case value == absent && i >= 0:
		return slices.Delete(o, i, i+1)
	case value == absent:
		return o
	case i >= 0:
		o[i].value = value
		return o
	}
	return append(o, pair{name, value})
}

type absentTree struct{}

// absent is the value of a member that is not there.
var absent tree = absentTree{}

// decode reads a text with encoding/json, keeping the order of members and the text of numbers.
func decode(t testing.TB, text []byte) tree {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v := decodeNext(t, d)
	require.False(t, d.More())
	return v
}

func decodeNext(t testing.TB, d *json.Decoder) tree {
	next := func() json.Token {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	switch token := next(); token {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name := next().(string)
			o = append(o, pair{name, decodeNext(t, d)})
		}
		next()
		return o
	case json.Delim('['):
		a := []any{}
		for d.More() {
			a = append(a, decodeNext(t, d))
		}
		next()
		return a
	default:
		return token
	}
}

func decodeObject(t testing.TB, text []byte) object {
	o, ok := decode(t, text).(object)
	require.True(t, ok, "an object")
	return o
}

// same compares trees: objects with their members in any order, numbers by their text.
func same(a, b tree) bool {
	switch a := a.(type) {
	case object:
		b, ok := b.(object)
		return ok && len(a) == len(b) && !slices.ContainsFunc(a, func(m pair) bool { return !same(m.value, b.get(m.name)) })
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	}
	switch b.(type) {
	case object, []any:
		return false
	}
	return a == b
}

// refMerge is MergePatch of RFC 7396 §2. Members keep their order; a value that would be replaced by its equal stays.
func refMerge(target, patch tree) tree {
	p, ok := patch.(object)
	if !ok {
		return patch
	}
	t, ok := target.(object)
	if !ok {
		t = object{}
	}
	for _, m := range p {
		old := t.get(m.name)
		if m.value == nil {
			t = t.with(m.name, absent)
		} else if v := refMerge(old, m.value); !same(old, v) {
			t = t.with(m.name, v)
		}
	}
	return t
}

// refUnsayable counts the members of to that would have to become null, which no merge patch can say.
func refUnsayable(from, to tree) (n int) {
	o, ok := to.(object)
	switch {
	case same(from, to):
		return 0
	case !ok && to == nil:
		return 1
	}
	before, _ := from.(object)
	for _, m := range o {
		n += refUnsayable(before.get(m.name), m.value)
	}
	return n
}

// refMerge3 merges three trees, any of which may be absent, and collects what they conflict in.
func refMerge3(pointer string, base, ours, theirs tree, conflicts map[string][3]tree) tree {
	o, isO := ours.(object)
	t, isT := theirs.(object)
	switch {
	case same(ours, theirs):
		return theirs
	case isO && isT:
		b, _ := base.(object)
		merged := object{}
		for _, m := range slices.Concat(t, o) {
			if merged.index(m.name) < 0 {
				v := refMerge3(pointer+token(m.name), b.get(m.name), o.get(m.name), t.get(m.name), conflicts)
				merged = merged.with(m.name, v)
			}
		}
		return merged
	case same(base, ours):
		return theirs
	case same(base, theirs):
		return ours
	}
	conflicts[pointer] = [3]tree{base, ours, theirs}
	return theirs
}

// token is RFC 6901's spelling of a member's name.
func token(name string) string { return "/" + toToken.Replace(name) }

var toToken, fromToken = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")
