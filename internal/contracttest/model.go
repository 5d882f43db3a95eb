package contracttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/tree"
)

// decode reads a text with encoding/json, keeping the order of members and the text of numbers.
func decode(t testing.TB, text []byte) tree.Value {
	v, err := tree.Decode(text)
	require.NoError(t, err, "%s", text)
	return v
}

func decodeObject(t testing.TB, text []byte) tree.Object {
	o, err := tree.DecodeObject(text)
	require.NoError(t, err, "%s", text)
	return o
}

// refMerge is MergePatch of RFC 7396 §2. Members keep their order; a value that would be replaced by its equal stays.
func refMerge(target, patch tree.Value) tree.Value {
	p, ok := patch.(tree.Object)
	if !ok {
		return patch
	}
	t, ok := target.(tree.Object)
	if !ok {
		t = tree.Object{}
	}
	for _, m := range p {
		old := t.Get(m.Name)
		if m.Value == nil {
			t = t.With(m.Name, tree.Absent)
		} else if v := refMerge(old, m.Value); !tree.Same(old, v) {
			t = t.With(m.Name, v)
		}
	}
	return t
}

// refUnsayable counts the members of to that would have to become null, which no merge patch can say.
func refUnsayable(from, to tree.Value) (n int) {
	o, ok := to.(tree.Object)
	switch {
	case tree.Same(from, to):
		return 0
	case !ok && to == nil:
		return 1
	}
	before, _ := from.(tree.Object)
	for _, m := range o {
		n += refUnsayable(before.Get(m.Name), m.Value)
	}
	return n
}

// refMerge3 merges three trees, any of which may be absent, and collects the conflicts.
func refMerge3(pointer string, base, ours, theirs tree.Value, conflicts map[string][3]tree.Value) tree.Value {
	o, isO := ours.(tree.Object)
	t, isT := theirs.(tree.Object)
	switch {
	case tree.Same(ours, theirs):
		return theirs
	case isO && isT:
		b, _ := base.(tree.Object)
		merged := tree.Object{}
		for _, m := range slices.Concat(t, o) {
			if merged.Index(m.Name) < 0 {
				v := refMerge3(pointer+token(m.Name), b.Get(m.Name), o.Get(m.Name), t.Get(m.Name), conflicts)
				merged = merged.With(m.Name, v)
			}
		}
		return merged
	case tree.Same(base, ours):
		return theirs
	case tree.Same(base, theirs):
		return ours
	}
	conflicts[pointer] = [3]tree.Value{base, ours, theirs}
	return theirs
}

// token is RFC 6901's spelling of a member's name.
func token(name string) string { return "/" + toToken.Replace(name) }

var toToken, fromToken = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")
