//go:build !wasip1

// These tests start the go command, which a program for WASI cannot.

package contracttest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/golden"
	"github.com/partner-contacts/contact/internal/row"
)

// TestGenerated: go generate changes no file of the module and of the browser package.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		return // the compiler takes most of the time
	}
	t.Parallel()
	root := t.TempDir()
	copied := copyModule(t, root, false)
	run(t, root, "go", "generate", "./...")
	for _, name := range copied {
		want, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		if string(want) != string(got) {
			t.Errorf("%s is not current: run go generate ./...\n%s", name, golden.Diff(string(got), string(want)))
		}
	}
}

// A newField is a field that a test adds to a copy of the module.
type newField struct {
	name, kind, goName, goType, example string
	values                              string // of an enum, as JSON
	last                                bool   // after all others, and required
}

// add does the first two steps of docs/evolution.md: a property of the schema, a field of the struct.
func (f newField) add(t *testing.T, root string) {
	t.Helper()
	file, code := filepath.Join(root, "schema/contact.schema.json"), filepath.Join(root, "contact.go")
	property := fmt.Sprintf("    %q: {\n      \"title\": \"New\",\n      \"description\": \"A new field.\",\n"+
		"      \"examples\": [%s],\n      \"$ref\": \"#/$defs/%s\"\n    }", f.name, f.example, f.kind)
	if f.values != "" {
		replaceIn(t, file, "  \"$defs\": {\n", fmt.Sprintf("  \"$defs\": {\n    %q: {\n      \"title\": \"New\",\n"+
			"      \"description\": \"One of some.\",\n      \"type\": \"string\",\n      \"enum\": %s\n    },\n", f.kind, f.values))
	}
	if f.last {
		replaceIn(t, file, "\n  },\n  \"required\": [", ",\n"+property+"\n  },\n  \"required\": [")
		replaceIn(t, file, "\n  ],\n  \"additionalProperties\"", fmt.Sprintf(",\n    %q\n  ],\n  \"additionalProperties\"", f.name))
		replaceIn(t, code, "\tCompletedObjectiveKeys []string `json:\"completed_objective_keys\"`\n",
			fmt.Sprintf("\tCompletedObjectiveKeys []string `json:\"completed_objective_keys\"`\n\t%s %s `json:\"%s\"`\n", f.goName, f.goType, f.name))
		return
	}
	replaceIn(t, file, "    \"birthdate\": {\n", property+",\n    \"birthdate\": {\n")
	replaceIn(t, code, "\tBirthdate ", fmt.Sprintf("\t%s %s `json:\"%s,omitempty\"`\n\tBirthdate ", f.goName, f.goType, f.name))
}

// TestNewFields adds fields to a copy of the module, as docs/evolution.md says: a property, a field
// of the struct, go generate. The program in testdata/newfield then finds the engine, the writer, the
// suggestion, the merge and the reference engine right. One field takes seconds, since all is
// compiled anew; with CONTACT_EXHAUSTIVE set the test takes them all, each on top of those before.
func TestNewFields(t *testing.T) {
	if testing.Short() {
		return // the compiler takes most of the time
	}
	t.Parallel()
	added := []newField{
		{name: "language", kind: "string", goName: "Language", goType: "*string"},
		{name: "company", kind: "string", goName: "Company", goType: "*string"},
		{name: "locale", kind: "string", goName: "Locale", goType: "*string"},
		{name: "job_title", kind: "string", goName: "JobTitle", goType: "*string"},
		{name: "preferred_contact_channel_for_news", kind: "channel", goName: "PreferredContactChannelForNews", goType: "*string", values: `["sms", "email"]`, example: `"sms"`},
		{name: "x", kind: "string", goName: "X", goType: "*string"},
		{name: "anniversary", kind: "date", goName: "Anniversary", goType: "*Date", example: `"2001-05-06"`},
		{name: "second_timezone", kind: "timezone", goName: "SecondTimezone", goType: "*string", example: `"UTC"`},
		{name: "last_called_at", kind: "timestamp", goName: "LastCalledAt", goType: "*time.Time", example: `"2024-01-02T03:04:05Z"`},
		{name: "name_middle", kind: "string", goName: "NameMiddle", goType: "*string"},
		{name: "email2", kind: "string", goName: "Email2", goType: "*string"},
		{name: "idx", kind: "string", goName: "Idx", goType: "*string"},
	}
	if os.Getenv("CONTACT_EXHAUSTIVE") == "" {
		added = added[4:5]
	}
	root := t.TempDir()
	copyModule(t, root, false)
	for _, f := range added {
		t.Run(f.name, func(t *testing.T) {
			if f.example == "" {
				f.example = `"a"`
			}
			f.add(t, root)
			run(t, root, "go", "generate", ".")
			out := run(t, root, "go", "run", "./testdata/newfield", f.name)
			require.Equal(t, "ok\n", out)
		})
	}
}

// TestFieldIsThreeSteps: a property, a field of the struct and go generate make a field. In a copy of
// the module that has more fields the tests find nothing to add, once the golden files are written
// anew. It takes minutes: only with CONTACT_EXHAUSTIVE set.
func TestFieldIsThreeSteps(t *testing.T) {
	if os.Getenv("CONTACT_EXHAUSTIVE") == "" || testing.Short() {
		return
	}
	t.Parallel()
	root := t.TempDir()
	copyModule(t, root, true)
	for _, f := range []newField{
		{name: "pet_name", kind: "string", goName: "PetName", goType: "*string", example: `"Mari"`},
		{name: "channel", kind: "channel", goName: "Channel", goType: "*string", example: `"sms"`, values: `["sms", "email"]`},
		{name: "archived", kind: "boolean", goName: "Archived", goType: "bool", example: `false`, last: true},
	} {
		f.add(t, root)
	}
	run(t, root, "go", "generate", "./...")
	runWith(t, []string{"GOLDEN=write"}, root, "go", "test", "-short", ".", "./internal/contracttest")
	run(t, root, "go", "test", "-short", "./...")
}

// TestRuleIsOneRow adds a rule with a code of its own to a copy of the module. What go generate does not
// write, tests of the main module name, each by its file. It takes half a minute: only with
// CONTACT_EXHAUSTIVE set.
func TestRuleIsOneRow(t *testing.T) {
	if os.Getenv("CONTACT_EXHAUSTIVE") == "" || testing.Short() {
		return
	}
	t.Parallel()
	root := t.TempDir()
	copyModule(t, root, true)
	replaceIn(t, fileWith(t, root, "var codes = "), "\t{codeStaleUpdate, 409},\n", "\t{codeValueTooLong, 422},\n\t{codeStaleUpdate, 409},\n")
	replaceIn(t, fileWith(t, root, "type Code string"), "type Code string\n", "type Code string\n\nconst codeValueTooLong Code = \"value_too_long\"\n")
	replaceIn(t, fileWith(t, root, "type Rule string"), "type Rule string\n", "type Rule string\n\nconst RuleLength Rule = \"length\"\n")
	replaceIn(t, fileWith(t, root, "var rules = "), "\t{RuleTruncated, ", "\t{RuleLength, codeValueTooLong, \"Value too long\", \"Send a shorter value.\"},\n\t{RuleTruncated, ")
	run(t, root, "go", "generate", "./...")
	for _, name := range []string{"schema/errors.schema.json", "wasm/src/rules.gen.ts"} {
		t.Run(row.Name(name), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, name))
			if !os.IsNotExist(err) { // the browser package is a module of its own
				require.NoError(t, err)
				require.Contains(t, string(text), `"length"`, name)
				require.Contains(t, string(text), `"value_too_long"`, name)
			}
		})
	}
	c := exec.Command("go", "test", "-short", "-run", "Places|TestMessages|TestStatus|TestErrorsSchema", ".", "./internal/contracttest")
	c.Dir, c.Env = root, append(os.Environ(), "GOWORK=off", "CONTACT_EXHAUSTIVE=")
	out, err := c.CombinedOutput()
	require.Error(t, err)
	for _, want := range []string{
		"rule length is missing in docs/semantics.md", "code value_too_long is missing in docs/semantics.md",
		"code value_too_long is missing in schema/openapi.json", "rule length is missing in contacttest/values.go", "testdata/messages.txt is not current",
	} {
		t.Run(row.Name(want), func(t *testing.T) {
			require.Contains(t, string(out), want)
		})
	}
	require.NotContains(t, string(out), "TestErrorsSchema")
	if _, err := os.Stat("wasm"); err == nil {
		require.Contains(t, string(out), "rule length is missing in wasm/src/messages/de.ts")
	}
}

// TestRefusedSchemas: fieldgen stops at what the engine has no code for.
func TestRefusedSchemas(t *testing.T) {
	if testing.Short() {
		return // the compiler takes most of the time
	}
	root := t.TempDir()
	copyModule(t, root, false)
	tool := filepath.Join(root, "fieldgen")
	run(t, root, "go", "build", "-o", tool, "./internal/fieldgen")
	path := filepath.Join(root, "schema/contact.schema.json")
	original, err := os.ReadFile(path)
	require.NoError(t, err)
	for change, want := range map[[2]string]string{
		{`"maxLength": 36,`, `"maxLength": 37,`}:                 "$defs/id: the engine has no code",
		{`"type": "boolean"`, `"type": "integer"`}:               "$defs/boolean: the engine has no code",
		{`"title": "City",`, `"title": "City", "minLength": 1,`}: "city: json: unknown field",
		{`"title": "City",`, `"title": "City", "maxLength": 1,`}: "city: a property is a $ref",
		{`"title": "City",`, ``}:                                 "city: title, description and examples are needed",
		{`      "examples": ["Chicago"],`, ``}:                   "city: title, description and examples are needed",
		{`    "id",`, ``}:                                        "id: the engine has code for a ID only where it is required",
		{`    "sms_verified",`, `    "sms_verified", "city",`}:   "city: the engine has code for a String only where it is optional",
		{`"$ref": "#/$defs/date"`, `"$ref": "#/$defs/no"`}:       "birthdate: a property is a $ref",
		{`"properties": {`, `"properties": 1, "x": {`}:           "json: cannot unmarshal",
	} {
		t.Run(row.Name(change), func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, original, 0o600))
			replaceIn(t, path, change[0], change[1])
			command := exec.Command(tool)
			command.Dir = root
			out, err := command.CombinedOutput()
			require.Error(t, err, want)
			require.Contains(t, string(out), want)
		})
	}
}

// copyModule copies the module, with its tests or without, and the sources of the browser package.
// It returns the names of the files.
func copyModule(t *testing.T, to string, tests bool) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if other := err == nil && path != "." && path != "wasm"; other || path == ".git" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		name := filepath.ToSlash(path)
		browser := strings.HasPrefix(name, "wasm/src/") || filepath.Dir(path) == "wasm" && filepath.Ext(path) == ".go"
		switch {
		case strings.HasPrefix(name, "wasm/") && !browser && name != "wasm/go.mod":
			return nil
		case !tests && (strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") &&
			!strings.HasSuffix(path, ".go") && !strings.Contains(path, "vectors")):
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.MkdirAll(filepath.Join(to, filepath.Dir(path)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, path), text, 0o600)
		}
		names = append(names, path)
		return err
	}))
	return names
}

// fileWith returns the Go file of a folder that has a text.
func fileWith(t *testing.T, folder, text string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(code), "\n"+text) {
			return file
		}
	}
	require.Fail(t, "no file has it", text)
	return ""
}

// replaceIn changes the one place in a file where old stands.
func replaceIn(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), old), "%q in %s", old, path)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600))
}

// run runs a command in a folder and returns what it printed.
func run(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	return runWith(t, nil, folder, name, args...)
}

// runWith is run with variables added to the environment.
func runWith(t *testing.T, env []string, folder, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = folder
	flags := "-mod=mod -trimpath" // with which what two folders have in common is compiled once
	if len(args) > 0 && args[0] == "test" {
		flags = "-mod=mod"
	}
	c.Env = append(os.Environ(), "GOFLAGS="+flags, "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "GOOS=", "GOARCH=",
		"CONTACT_EXHAUSTIVE=", "GOLDEN=")
	c.Env = append(c.Env, env...)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
