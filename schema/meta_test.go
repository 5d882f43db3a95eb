package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/schema"
)

// team compiles a schema as a team would write one.
func team(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	c := schema.NewCompiler()
	c.RegisterFormat(&jsonschema.Format{Name: "panics", Validate: func(any) error { panic("secret") }})
	require.NoError(t, c.AddResource("https://example.org/team.json", decode(t, text)))
	compiled, err := c.Compile("https://example.org/team.json")
	require.NoError(t, err)
	return compiled
}

func TestMeta(t *testing.T) {
	for _, c := range []struct {
		schema, object string
		want           []string
	}{
		{`{}`, `{"a":1}`, nil},
		{`{"required":["a"]}`, ``, []string{"required /a"}},
		{`{"properties":{"a":{"type":"integer"}}}`, `{"a":"x"}`, []string{"type /a"}},
		{`{"properties":{"a":{"type":"integer"}}}`, `{"a":null}`, []string{"type /a"}},
		{`{"properties":{"a":{"enum":[1,2]},"b":{"const":1}}}`, `{"b":2,"a":3}`, []string{"enum /b", "enum /a"}},
		{`{"required":["z","a"],"properties":{"b":{"required":["c"]}}}`, `{"b":{}}`, []string{"required /b/c", "required /a", "required /z"}},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, []string{"required /b"}},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"]}}`, `{"a":1}`, []string{"required /b"}},
		{`{"additionalProperties":false,"properties":{"a":true}}`, `{"z":1,"a":1,"b/c":1}`, []string{"unknown /z", "unknown /b~1c"}},
		{`{"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}]}`, `{"z":1,"a":1,"b":1}`, []string{"unknown /z", "unknown /b"}},
		{`{"properties":{"a":false}}`, `{"a":1}`, []string{"meta /a"}},
		{`{"additionalProperties":{"type":"string"}}`, `{"a":1}`, []string{"type /a"}},
		{`{"propertyNames":{"maxLength":2}}`, `{"a":1,"long":1}`, []string{"meta /long"}},
		{`{"properties":{"a":{"items":{"maximum":5}}}}`, `{"a":[1,6,2,7]}`, []string{"meta /a/1", "meta /a/3"}},
		{`{"properties":{"a":{"minLength":9,"pattern":"^x"}}}`, `{"a":"b"}`, []string{"meta /a", "meta /a"}},
		{`{"properties":{"a":{"format":"date"}}}`, `{"a":"1990-02-30"}`, []string{"meta /a"}},
		{`{"properties":{"a":{"$ref":"` + schema.Base + `contact.schema.json#/$defs/id"}}}`, `{"a":"x"}`, []string{"meta /a"}},
		{`{"properties":{"a":{"$ref":"` + schema.Base + `timezone.schema.json"}}}`, `{"a":"x"}`, []string{"enum /a"}},
		{`{"maxProperties":1}`, `{"a":1,"b":1}`, []string{"meta"}},
		{`{"properties":{"a":{"not":{"type":"string"}}}}`, `{"a":""}`, []string{"meta /a"}},
		{`{"properties":{"a":{"contains":{"const":1}}}}`, `{"a":[2,3]}`, []string{"meta /a"}},
		{`{"if":{"required":["a"]},"then":{"properties":{"b":{"type":"null"}}}}`, `{"b":1,"a":1}`, []string{"type /b"}},
		// Alternatives have failed as a whole, but for null as the only other one.
		{`{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"boolean"}]}}}`, `{"a":1}`, []string{"meta /a"}},
		{`{"properties":{"a":{"oneOf":[{"minimum":1},{"minimum":2}]}}}`, `{"a":3}`, []string{"meta /a"}},
		{`{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`, `{"a":1}`, []string{"type /a"}},
		{`{"properties":{"a":{"oneOf":[{"type":"null"},{"properties":{"b":{"enum":[1]}}}]}}}`, `{"a":{"b":2}}`, []string{"enum /a/b"}},
		{`{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"string"}}}]}`, `{"a":1}`, []string{"type /a"}},

		{`{}`, `{"a":1,"a":2}`, []string{"duplicate /a"}},
		{`{}`, `{"a":`, []string{"meta"}},
		{`{}`, `{} {}`, []string{"meta"}},
		{`{}`, `{1:2}`, []string{"meta"}},
		{`{}`, `{"a":[{]}`, []string{"meta"}},
		{`{"properties":{"a":{"format":"panics"}}}`, `{"a":1}`, []string{"meta"}},
		{`{"additionalProperties":false}`, `{"` + strings.Repeat("k", 99) + `":1,"` + strings.Repeat("k", 100) + `":1}`, []string{"unknown /" + strings.Repeat("k", 99), "unknown"}},
	} {
		judge := schema.MetaChecker(team(t, c.schema))
		errs := judge(contact.Object(c.object))
		assert.Equal(t, c.want, rulesAndPointers(errs), "%s by %s", c.object, c.schema)
		for _, e := range errs {
			assert.Equal(t, contact.Code("validation_failed"), e.Code)
			assert.NotEmpty(t, e.Detail)
			assert.NotContains(t, e.Detail, "secret")
		}
		for range 20 {
			assert.Equal(t, errs, judge(contact.Object(c.object)), "%s by %s, once more", c.object, c.schema)
		}
	}
	assert.Panics(t, func() { schema.MetaChecker(nil) })
}

// TestMetaNumbers sends numbers that would be too much for big.Rat.
func TestMetaNumbers(t *testing.T) {
	judge := schema.MetaChecker(team(t, `{"additionalProperties":{"maximum":1e401,"multipleOf":0.5}}`))
	digits := strings.Repeat("1", 400)
	for number, ok := range map[string]bool{
		"1": true, "-1.5": true, "1e400": true, "1E+0400": true, "0e-400": true, digits: true, "-" + digits: true, digits[:399] + ".5": true,
		"1e401": false, "1e1000000000": false, "-1E+1000000000": false, "1e-1000000000": false, "0e999999999999999999999999": false,
		"1e00000000000401": false, digits + "1": false, digits + ".5": false, "0." + digits: false, "1e" + digits: false,
	} {
		errs := judge(contact.Object(`{"a":` + number + `}`))
		want := []string{"meta /a"}
		if ok {
			want = nil
		}
		assert.Equal(t, want, rulesAndPointers(errs), number)
	}
	assert.Equal(t, []string{"meta /a/0/b", "meta /c"}, rulesAndPointers(judge(`{"a":[{"b":1e999}],"c":1e-999,"d":0.3}`)),
		"the schema is not asked when there are such numbers")
	assert.Equal(t, []string{"meta"}, rulesAndPointers(judge(`1e999999999`)))
}

// TestMetaInRules uses a team's schema where services do.
func TestMetaInRules(t *testing.T) {
	rules := contact.Options{CheckMeta: schema.MetaChecker(team(t, `{
		"properties": {"score": {"type": "number", "maximum": 100}},
		"required": ["source"],
		"additionalProperties": {"type": ["string", "object", "integer"]}
	}`))}
	full := readFile(t, "../testdata/contact.json")
	existing, err := rules.Parse([]byte(full))
	require.NoError(t, err)
	for patch, want := range map[string][]string{
		`{"meta_public":{"score":99}}`:                                    nil,
		`{"meta_public":{"score":101}}`:                                   {"meta /meta_public/score"},
		`{"meta_public":{"source":null,"a":true}}`:                        {"type /meta_public/a", "required /meta_public/source"},
		`{"meta_public":{"score":1e1000000000}}`:                          {"meta /meta_public/score"},
		`{"meta_public":{"` + strings.Repeat("k", 88) + `":true}}`:        {"type /meta_public"},
		`{"meta_public":{"` + strings.Repeat("k", 87) + `":true}}`:        {"type /meta_public/" + strings.Repeat("k", 87)},
		`{"name_first":"Ana","sms_opted_in":false,"meta_public":{"b":1}}`: nil,
	} {
		t.Run(row.Name(patch), func(t *testing.T) {
			p, err := rules.ParsePatch([]byte(patch))
			require.NoError(t, err)
			_, _, err = rules.Merge(existing, p, existing.UpdatedAt)
			assert.Equal(t, want, faults(t, err), patch)
		})
	}
	broken := strings.Replace(full, `"score": 12.50`, `"score": 101`, 1)
	assert.Equal(t, []string{"meta /meta_public/score"}, faults(t, rules.Check([]byte(broken))))
}

// TestMetaTogether judges from several goroutines at once; run it with -race.
func TestMetaTogether(t *testing.T) {
	judge := schema.MetaChecker(team(t, `{"required":["a"],"additionalProperties":false,"properties":{"b":{"minLength":9,"pattern":"^x"}}}`))
	const object = `{"b":"y","c":1}`
	want, err := json.Marshal(judge(object))
	require.NoError(t, err)
	var wg sync.WaitGroup
	got := make([]contact.Errors, 8)
	for i := range got {
		wg.Go(func() { got[i] = judge(object) })
	}
	wg.Wait()
	for _, errs := range got {
		assert.Equal(t, string(want), string(errs.AppendJSON(nil)))
	}
	assert.True(t, slices.Contains(rulesAndPointers(got[0]), "unknown /c"))
}

func rulesAndPointers(errs contact.Errors) (all []string) {
	for _, e := range errs {
		all = append(all, strings.TrimSpace(string(e.Rule)+" "+e.Pointer))
	}
	return all
}

// faults returns the rule and the pointer of each error, in order.
func faults(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var errs contact.Errors
	require.ErrorAs(t, err, &errs)
	return rulesAndPointers(errs)
}
