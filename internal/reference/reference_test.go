package reference_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/reference"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/schema"
)

// faults returns the rule and the pointer of each error, in order.
func faults(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var errs contact.Errors
	require.ErrorAs(t, err, &errs)
	var all []string
	for _, e := range errs {
		all = append(all, strings.TrimSpace(string(e.Rule)+" "+e.Pointer))
	}
	return all
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestCheckPatch has the errors of the reference engine; that the fast engine finds the same is for
// the tests of package contact to show.
func TestCheckPatch(t *testing.T) {
	const id = `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`
	long := strings.Repeat("k", 90)
	for _, c := range []struct {
		body string
		want []string
	}{
		{`{}`, nil},
		{readFile(t, "../../testdata/contact.json"), nil},
		{readFile(t, "../../testdata/patch.json"), nil},
		{`{"email":null,"birthdate":null,"timezone":null,"last_seen_at":null}`, nil},

		{`null`, []string{"type"}},
		{`[{"a":1,"a":2}]`, []string{"type", "duplicate /0/a"}},
		{``, []string{"syntax"}},
		{`{"id":}`, []string{"syntax"}},
		{`{"id":1}x`, []string{"syntax"}},
		{`{"email":"\ud800"}`, []string{"syntax"}},
		{"{\"email\":\"\xff\"}", []string{"syntax"}},
		{"\ufeff{}", []string{"syntax"}},
		{`{"meta_public":{"a":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}}`, nil},
		{`{"meta_public":{"a":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}}`, []string{"depth"}},
		{`{"email":"` + strings.Repeat("x", 1<<20-12) + `"}`, nil},
		{`{"email":"` + strings.Repeat("x", 1<<20-11) + `"}`, []string{"size"}},

		{`{"id":null,"type":null,"sms_opted_in":null,"meta_public":null,"inserted_at":null,"active_journey_ids":null}`,
			[]string{"null /id", "null /type", "null /sms_opted_in", "null /meta_public", "null /inserted_at", "null /active_journey_ids"}},
		{`{"id":1,"type":true,"email":[],"birthdate":{},"timezone":0,"sms_opted_in":"true","meta_public":[],"updated_at":0,"active_journey_ids":` + id + `,"completed_objective_keys":{}}`,
			[]string{"type /id", "type /type", "type /email", "type /birthdate", "type /timezone", "type /sms_opted_in", "type /meta_public", "type /updated_at", "type /active_journey_ids", "type /completed_objective_keys"}},
		{`{"id":"","type":"","birthdate":"","timezone":"","updated_at":"","active_journey_ids":[""]}`,
			[]string{"uuid /id", "enum /type", "date /birthdate", "timezone /timezone", "timestamp /updated_at", "uuid /active_journey_ids/0"}},
		// The pattern alone is broken, the format alone, or both.
		{`{"birthdate":"1990-1-01","updated_at":"2024-01-02T03:04:05+05"}`, []string{"date /birthdate", "timestamp /updated_at"}},
		{`{"birthdate":"1990-02-30","updated_at":"2023-02-29T03:04:05Z"}`, []string{"date /birthdate", "timestamp /updated_at"}},
		{`{"id":` + strings.Replace(id, `b"`, `bbb"`, 1) + `}`, []string{"uuid /id"}},

		// Elements come by index, each with the faults inside it.
		{`{"active_journey_ids":[null,` + id + `,"x",{"a":1,"a":2},"y"]}`,
			[]string{"type /active_journey_ids/0", "uuid /active_journey_ids/2", "type /active_journey_ids/3", "duplicate /active_journey_ids/3/a", "uuid /active_journey_ids/4"}},
		{`{"completed_objective_keys":["a",null,1]}`, []string{"type /completed_objective_keys/1", "type /completed_objective_keys/2"}},

		// Fields come in their order, unknown members after them in that of the document.
		{`{"z":1,"updated_at":0,"a":{"b":1,"b":2},"id":"","ID":` + id + `,"z":{"c":1,"c":2}}`,
			[]string{"uuid /id", "type /updated_at", "unknown /z", "unknown /a", "duplicate /a/b", "unknown /ID", "duplicate /z", "duplicate /z/c"}},
		// The first of repeated members is the one that is judged.
		{`{"id":"","i\u0064":` + id + `}`, []string{"uuid /id", "duplicate /id"}},
		{`{"id":` + id + `,"id":""}`, []string{"duplicate /id"}},
		{`{"email":1,"email":{"a":1,"a":2},"email":null}`, []string{"type /email", "duplicate /email", "duplicate /email/a", "duplicate /email"}},
		{`{"meta_public":{"a":1,"\u0061":2,"b":[{"c":1,"c":{"d":1,"d":2}}]}}`,
			[]string{"duplicate /meta_public/a", "duplicate /meta_public/b/0/c", "duplicate /meta_public/b/0/c/d"}},
		{`{"ſms_opted_in":true,"a/b":1,"c~d":1,"":1}`, []string{"unknown /ſms_opted_in", "unknown /a~1b", "unknown /c~0d", "unknown /"}},

		// Pointers stop at the last whole token that fits into 100 characters.
		{`{"` + strings.Repeat("é", 99) + `":1}`, []string{"unknown /" + strings.Repeat("é", 99)}},
		{`{"` + strings.Repeat("é", 100) + `":1}`, []string{"unknown"}},
		{`{"` + strings.Repeat("~", 50) + `":1}`, []string{"unknown"}},
		{`{"` + strings.Repeat("x", 1000) + `":1}`, []string{"unknown"}},
		{`{"` + long + `":{"abcdefgh":1,"abcdefgh":2,"abcdefghi":1,"abcdefghi":2}}`, []string{"unknown /" + long, "duplicate /" + long + "/abcdefgh", "duplicate /" + long}},
	} {
		assert.Equal(t, c.want, faults(t, reference.CheckPatch([]byte(c.body))), "%.300s", c.body)
	}
}

func TestCheck(t *testing.T) {
	full := readFile(t, "../../testdata/contact.json")
	assert.NoError(t, reference.Check([]byte(full)))
	var required []string
	for f := range contact.RequiredFields.All() {
		required = append(required, "required /"+f.String())
	}
	assert.Equal(t, required, faults(t, reference.Check([]byte(`{}`))))
	assert.Equal(t, append([]string{"uuid /id"}, append(required[1:], "unknown /a")...), faults(t, reference.Check([]byte(`{"a":1,"id":""}`))))
	assert.Equal(t, []string{"type"}, faults(t, reference.Check([]byte(`[]`))))
	cleared := strings.Replace(full, `"email": "maria.okafor@example.org"`, `"email": null`, 1)
	assert.Equal(t, []string{"null /email"}, faults(t, reference.Check([]byte(cleared))))
}

func TestCheckPatchStops(t *testing.T) {
	ids := func(n int) []byte { return []byte(`{"active_journey_ids":["x"` + strings.Repeat(`,"x"`, n-1) + `]}`) }
	assert.Len(t, reference.CheckPatch(ids(100)), 100)
	errs := reference.CheckPatch(ids(101)).(contact.Errors)
	require.Len(t, errs, 101)
	assert.Equal(t, contact.Rule("uuid"), errs[99].Rule)
	assert.Equal(t, contact.Rule("truncated"), errs[100].Rule)
	assert.Empty(t, errs[100].Pointer)
}

// TestErrors is for codes, offsets and details, which the other tests leave out.
func TestErrors(t *testing.T) {
	envelope, err := schema.NewCompiler().Compile(schema.Base + "errors.schema.json")
	require.NoError(t, err)
	for _, c := range []struct {
		body   string
		code   contact.Code
		status int
		offset int
	}{
		{`{"id":}`, "malformed_json", 400, 6},
		{strings.Repeat("[", 65), "malformed_json", 400, 64},
		{strings.Repeat(" ", 1<<20+1), "body_too_large", 413, 0},
		{`{"id":""}`, "validation_failed", 422, 0},
		{`[]`, "validation_failed", 422, 0},
		{`{"a":1}`, "validation_failed", 422, 0},
		{`{"email":1,"email":2}`, "validation_failed", 422, 0},
		{`{"` + strings.Repeat("x", 1000) + `":1}`, "validation_failed", 422, 0},
	} {
		t.Run(row.Name(c.body), func(t *testing.T) {
			var errs contact.Errors
			require.True(t, errors.As(reference.CheckPatch([]byte(c.body)), &errs), "%.100s", c.body)
			assert.Equal(t, c.status, errs.Status(), "%.100s", c.body)
			answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(errs.AppendJSON(nil)))
			require.NoError(t, err)
			assert.NoError(t, envelope.Validate(answer))
			for _, e := range errs {
				assert.Equal(t, c.code, e.Code, "%.100s", c.body)
				assert.Equal(t, c.offset, e.Meta.Offset, "%.100s", c.body)
				assert.NotEmpty(t, e.Detail, "%.100s", c.body)
				assert.Equal(t, len(c.body) > 1000 && e.Rule == contact.RuleUnknown, e.Meta.PointerTruncated, "%.100s", c.body)
			}
		})
	}
}
