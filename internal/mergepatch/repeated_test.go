package mergepatch

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// TestRepeated: which members a patch repeats from a base, and the part of it that has those that are kept.
func TestRepeated(t *testing.T) {
	for _, c := range []struct{ patch, base, other, asked, part string }{
		{`{}`, `{}`, `{}`, ``, `{}`},
		{`{"a":1}`, `{"a":1}`, `{"a":2}`, `a 1 2;`, `{"a":1}`},
		{`{"a":1}`, `{"a":1}`, `{}`, `a 1 ;`, `{"a":1}`},
		{`{"a":1}`, `{"a":1}`, `{"a":1}`, ``, `{}`},
		{`{"a":1}`, `{"a":2}`, `{"a":3}`, ``, `{}`},
		{`{"a":1}`, `{}`, `{"a":3}`, ``, `{}`},
		{`{"a":null}`, `{}`, `{"a":3}`, `a  3;`, `{"a":null}`},
		{`{"a":null}`, `{}`, `{}`, ``, `{}`},
		{`{"a":null}`, `{"a":1}`, `{"a":3}`, ``, `{}`},
		{`{"a":null}`, `{"a":null}`, `{"a":3}`, ``, `{}`}, // a null in a document is a value that the patch removes
		{`{"a":[null]}`, `{"a":[null]}`, `{"a":[]}`, `a [null] [];`, `{"a":[null]}`},
		{`{"a":"\u0061"}`, `{"\u0061":"a"}`, `{"a":"b"}`, `a "\u0061" "b";`, `{"a":"\u0061"}`},
		{`{"a":1,"b":2,"c":3}`, `{"c":3,"a":1,"b":9}`, `{"a":4,"b":5,"c":6}`, `a 1 4;c 3 6;`, `{"a":1,"c":3}`},
		{`{"o":{"x":1,"y":2}}`, `{"o":{"x":1}}`, `{"o":{"x":3}}`, `o/x 1 3;`, `{"o":{"x":1}}`},
		{`{"o":{"x":1}}`, `{"o":{"x":1}}`, `{"o":5}`, `o/x 1 ;`, `{"o":{"x":1}}`},
		{`{"o":{"x":1}}`, `{"o":{"x":1}}`, `{}`, `o/x 1 ;`, `{"o":{"x":1}}`},
		{`{"o":{"x":null}}`, `{"o":{}}`, `{"o":{"x":{"z":1}}}`, `o/x  {"z":1};`, `{"o":{"x":null}}`},
		{`{"o":{"x":null}}`, `{"o":5}`, `{"o":{"x":1}}`, ``, `{}`},
		{`{"o":{}}`, `{"o":{}}`, `{}`, `o {} ;`, `{"o":{}}`},
		{`{"o":{}}`, `{"o":{}}`, `{"o":5}`, `o {} 5;`, `{"o":{}}`},
		{`{"o":{}}`, `{"o":{}}`, `{"o":{"z":1}}`, ``, `{}`},
		{`{"o":{}}`, `{"o":{"z":1}}`, `{}`, ``, `{}`},
		{`{"o":{"p":{}}}`, `{"o":{"p":{}}}`, `{}`, `o/p {} ;`, `{"o":{"p":{}}}`},
		{`{"o":{"":1}}`, `{"o":{"":1}}`, `{"o":[1]}`, `o/ 1 ;`, `{"o":{"":1}}`},
		{`{"a":1,"o":{"p":{"x":1},"q":2},"z":1}`, `{"a":1,"o":{"p":{"x":1},"q":2},"z":1}`, `{"a":1,"o":{"p":{"x":0},"q":0},"z":0}`,
			`o/p/x 1 0;o/q 2 0;z 1 0;`, `{"o":{"p":{"x":1},"q":2},"z":1}`},
	} {
		t.Run(row.Name(c.patch), func(t *testing.T) {
			for _, kept := range []bool{true, false} {
				asked := ""
				part := Repeated([]byte("dst"), c.patch, c.base, c.other, func(path []string, value, other string) bool {
					asked += strings.Join(path, "/") + " " + value + " " + other + ";"
					return kept
				})
				require.Equal(t, c.asked, asked)
				want := "dst{}"
				if kept {
					want = "dst" + c.part
				}
				require.Equal(t, want, string(part))
			}
		})
	}
}
