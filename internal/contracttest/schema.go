package contracttest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// Envelope is the compiled schema of an error response.
var Envelope = sync.OnceValue(func() *jsonschema.Schema {
	return schema.NewCompiler().MustCompile(schema.Base + "errors.schema.json")
})

// CheckEnvelope returns the envelope of errs, and fails the test if it is not of errors.schema.json or AppendJSON and
// json.Marshal do not agree on it. Every test that has an envelope should call it.
func CheckEnvelope(t testing.TB, errs contact.Errors) string {
	t.Helper()
	text := errs.AppendJSON(nil)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = Envelope().Validate(v)
	}
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	if marshaled, err := json.Marshal(errs); err != nil || !bytes.Equal(marshaled, text) {
		t.Errorf("AppendJSON writes %s, json.Marshal %s (%v)", text, marshaled, err)
	}
	return string(text)
}

const anyDefinition = schema.Base + "contact.schema.json#/$defs/"

// GoName returns the Go name of a JSON name.
func GoName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		switch word {
		case "id", "sms":
			b.WriteString(strings.ToUpper(word))
		case "ids":
			b.WriteString("IDs")
		default:
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
