package vectors

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// TestVectorFaults: files that could be misread are errors.
func TestVectorFaults(t *testing.T) {
	const merge = `{"name":"a","op":"merge","source":"s","existing":"{}","patch":"{}","changed":[],"result":"{}"}`
	readText := func(file string) error {
		_, err := read(fstest.MapFS{"x.json": {Data: []byte(file)}})
		return err
	}
	require.NoError(t, readText(`{"texts":{},"cases":[`+merge+`]}`))
	for _, c := range []struct{ old, new, want string }{
		{`"s"`, `""`, "x: a: no source"},
		{`"patch":"{}",`, ``, "x: a: no patch"},
		{`"merge"`, `"parse"`, "means nothing here"},
		{`"merge"`, `"burn"`, "unknown op"},
		{`"result":"{}"`, `"status":1`, "a result must be there"},
		{`"changed":[],`, ``, "changed must be there"},
		{`"changed":[]`, `"changed":[],"conflicts":[]`, "means nothing here"},
		{`"changed":[]`, `"changed":[],"fault":"existing"`, "a result must be there"},
		{`"changed":[],"result":"{}"`, `"errors":[{"rule":"stale"}],"fault":"existing"`, "and a fault of"},
		{`"patch"`, `"status":422,"patch"`, "a status without errors"},
		{`"patch"`, `"pacth":1,"patch"`, "unknown field"},
		{`]}`, `,` + merge + `]}`, "the name is there twice"},
		{`"texts":{}`, `"texts":{"t":"x"}`, "no case uses the text t"},
		{`]}`, `]} 1`, "something follows"},
		{`"cases"`, `"csaes"`, "unknown field"},
	} {
		t.Run(row.Name(c.old), func(t *testing.T) {
			file := `{"texts":{},"cases":[` + merge + `]}`
			i := strings.LastIndex(file, c.old)
			require.GreaterOrEqual(t, i, 0, c.old)
			err := readText(file[:i] + c.new + file[i+len(c.old):])
			require.ErrorContains(t, err, c.want, "%s for %s", c.new, c.old)
		})
	}
	require.ErrorContains(t, readText(`{"cases":[{"name":"b","op":"parse","source":"s","body":"","body_base64":"","result":""}]}`), "not one body")
	require.ErrorContains(t, readText(`{"cases":[{"name":"b","op":"check_field","source":"s","field":"","value":""}]}`), "nothing is expected")
}

// TestCompare: every part of an outcome counts, but a status and codes only where the vector says them.
func TestCompare(t *testing.T) {
	refused := Case{Want: Outcome{Status: 422, Errors: []Error{{Rule: "date", Code: "c"}, {Rule: "uuid"}}}}
	good := Outcome{Status: 422, Errors: []Error{{Rule: "date", Code: "c"}, {Rule: "uuid", Code: "any"}}}
	require.Empty(t, refused.compare(good))
	for _, c := range []struct {
		name   string
		change func(*Outcome)
	}{
		{"errors", func(o *Outcome) { o.Errors[1].Offset++ }},
		{"errors", func(o *Outcome) { o.Errors = o.Errors[:1] }},
		{"errors", func(o *Outcome) { o.Errors[0].Code = "other" }},
		{"status", func(o *Outcome) { o.Status = 400 }},
		{"fault", func(o *Outcome) { o.Fault = "existing" }},
	} {
		t.Run(row.Name(c.name), func(t *testing.T) {
			got := good
			got.Errors = append([]Error{}, good.Errors...)
			c.change(&got)
			require.Contains(t, refused.compare(got), c.name+": ")
		})
	}

	accepted := Case{Want: Outcome{Result: "{}", Changed: []string{"city"}, Conflicts: []Conflict{{Pointer: "/city"}}}}
	require.Empty(t, accepted.compare(Outcome{Status: 200, Result: "{}", Changed: []string{"city"}, Conflicts: []Conflict{{Pointer: "/city"}}}))
	for name, got := range map[string]Outcome{
		"result: ":    {Changed: accepted.Want.Changed, Conflicts: accepted.Want.Conflicts},
		"changed: ":   {Result: "{}", Conflicts: accepted.Want.Conflicts},
		"conflicts: ": {Result: "{}", Changed: accepted.Want.Changed},
		"errors: ":    {Errors: []Error{{}}, Result: "{}", Changed: accepted.Want.Changed, Conflicts: accepted.Want.Conflicts},
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			require.Contains(t, accepted.compare(got), name)
		})
	}
}
