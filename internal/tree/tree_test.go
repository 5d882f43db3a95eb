package tree

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

func TestDecodeAndAppendText(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `1e400`, `-0`, `9007199254740993`, `[]`, `{}`, `[1,[2],{"a":null}]`,
		`{"b":1,"a":2,"b":3}`, `"\"\\\b\f\n\r\t\u0000\u001f/é😀"`,
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			v, err := Decode([]byte(text))
			require.NoError(t, err, text)
			require.Equal(t, text, string(AppendText(nil, v)))
		})
	}
	for _, text := range []string{``, `{`, `[`, `{"a"`, `{"a":`, `[1`, `1 2`, `{1:2}`, `nul`} {
		t.Run(row.Name(text), func(t *testing.T) {
			_, err := Decode([]byte(text))
			require.Error(t, err, text)
			_, err = DecodeObject([]byte(text))
			require.Error(t, err, text)
		})
	}
	_, err := DecodeObject([]byte(`[]`))
	require.Error(t, err)
	require.Panics(t, func() { AppendText(nil, 1) })
}

func TestObject(t *testing.T) {
	o := Object{{"a", json.Number("1")}, {"b", nil}}
	require.Equal(t, Absent, o.Get("c"))
	require.Equal(t, Object{{"a", true}, {"b", nil}}, o.With("a", true))
	require.Equal(t, Object{{"a", json.Number("1")}, {"b", nil}, {"c", ""}}, o.With("c", ""))
	require.Equal(t, Object{{"b", nil}}, o.With("a", Absent))
	require.Equal(t, o, o.With("c", Absent))
	require.Equal(t, Object{{"a", json.Number("1")}, {"b", nil}}, o, "o itself")
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[null]}`, `{"b":[null],"a":1}`, true},
		{`{"a":1}`, `{"a":1.0}`, false},
		{`{"a":null}`, `{}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[]`, `{}`, false},
		{`{}`, `[]`, false},
		{`"1"`, `1`, false},
		{`1`, `[1]`, false},
		{`"a"`, `"\u0061"`, true},
	} {
		t.Run(row.Name(c.a), func(t *testing.T) {
			a, err := Decode([]byte(c.a))
			require.NoError(t, err)
			b, err := Decode([]byte(c.b))
			require.NoError(t, err)
			require.Equal(t, c.want, Same(a, b), "%s and %s", c.a, c.b)
		})
	}
}
