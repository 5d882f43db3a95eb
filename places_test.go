package contact_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/vectors"
)

// A place is a file that has to name each rule, code or option, in the form of a regular expression with NAME for the name.
type place struct {
	files, form string
	any         bool // one of the files is enough
}

// named fails the test for each file of a place that does not have the name. A pattern that matches
// nothing is a fault but in the folders of other modules, which a copy of this one does not have.
func (p place) named(t *testing.T, what, name string) {
	t.Helper()
	files, err := filepath.Glob(p.files)
	require.NoError(t, err)
	folder, _, _ := strings.Cut(p.files, "/")
	if _, err := os.Stat(folder); err == nil {
		require.NotEmpty(t, files, p.files)
	}
	pattern := regexp.MustCompile(strings.ReplaceAll(p.form, "NAME", regexp.QuoteMeta(name)))
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if pattern.Match(text) {
			found++
		} else if !p.any {
			assert.Fail(t, "not named", "%s %s is missing in %s", what, name, file)
		}
	}
	if p.any && len(files) > 0 {
		assert.NotZero(t, found, "%s %s is missing in %s", what, name, p.files)
	}
}

// TestRulePlaces: where rules and codes are listed by hand, each is.
func TestRulePlaces(t *testing.T) {
	for _, rule := range contact.AllRules() {
		for _, p := range []place{
			{"docs/semantics.md", "\n\\| `[a-z_]+` \\|.*`NAME`", false},
			{"wasm/src/messages/[de][ens].ts", "\n    NAME:", false},
			{"wasm/src/messages/fr.ts", "\n    NAME:", false},
		} {
			p.named(t, "rule", string(rule))
		}
	}
	for _, code := range contact.AllCodes() {
		place{"docs/semantics.md", "\n\\| `NAME` \\|", false}.named(t, "code", string(code))
		place{"schema/openapi.json", `"NAME",`, false}.named(t, "code", string(code)) // beside those of a service
	}
	// A rule that a patch can break has patches that do.
	breaks := func(rule contact.Rule) bool {
		for f := range contact.AllFields.All() {
			if contacttest.FromBytes(nil).InvalidPatch(contacttest.Sample(), rule, f) != nil {
				return true
			}
		}
		return false
	}
	for _, rule := range contact.AllRules() {
		switch rule {
		case contact.RuleMismatch, contact.RuleMeta, contact.RuleTruncated, contact.RuleScope, contact.RuleMediaType,
			contact.RuleIdempotencyKey, contact.RulePrecondition: // of a request, of a team, or of many errors
		default:
			assert.True(t, breaks(rule), "rule %s is missing in contacttest/values.go or gen.go", rule)
		}
	}
}

// TestOptionPlaces: an option is known to the vectors, the browser package, the command and the docs.
func TestOptionPlaces(t *testing.T) {
	word := regexp.MustCompile(`[A-Z][a-z]*`)
	for _, option := range reflect.VisibleFields(reflect.TypeFor[contact.Options]()) {
		if option.Type.Kind() == reflect.Func {
			continue // a program's own
		}
		place{"docs/semantics.md", "NAME", false}.named(t, "option", option.Name)
		vector, ok := reflect.TypeFor[vectors.Options]().FieldByName(option.Name)
		if assert.True(t, ok, "option %s is missing in internal/vectors/vectors.go", option.Name) {
			assert.Equal(t, option.Type, vector.Type, option.Name)
		}
		place{"vectors_test.go", "NAME: ", false}.named(t, "option", option.Name)
		place{"wasm/main.go", `"NAME"`, false}.named(t, "option", strings.ToLower(option.Name[:1])+option.Name[1:])
		place{"wasm/memory_*.go", "NAME: ", false}.named(t, "option", option.Name)
		place{"wasm/src/engine.ts", "\n  NAME\\?: ", false}.named(t, "option", strings.ToLower(option.Name[:1])+option.Name[1:])
		if option.Name != "AnyIdempotencyKey" { // the command reads no requests
			place{"cmd/contact/*.go", `o\.NAME`, true}.named(t, "option", option.Name)
		}
		snake := strings.ToLower(strings.Join(word.FindAllString(option.Name, -1), "_"))
		place{"testdata/README.md", "`NAME`", false}.named(t, "option", snake)
	}
}
