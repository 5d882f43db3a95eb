package contact_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGenerated proves that what go generate writes is what stands here.
func TestGenerated(t *testing.T) {
	root := t.TempDir()
	copyModule(t, root)
	run(t, root, "go", "run", "./internal/fieldgen")
	for _, name := range []string{"field_gen.go", "schema/contact-patch.schema.json"} {
		want, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%s is not current: run go generate", name)
	}
}

// TestNewFields adds fields to a copy of the module, as docs/evolution.md says: a property, a field
// of the struct, go generate. The program in testdata/newfield then finds the engine, the writer, the
// suggestion, the merge and the reference engine right. One field takes seconds, since all is
// compiled anew; with CONTACT_EXHAUSTIVE set the test takes them all, each on top of those before.
func TestNewFields(t *testing.T) {
	t.Parallel()
	added := []struct{ name, kind, goName, goType string }{
		{"language", "string", "Language", "*string"},
		{"company", "string", "Company", "*string"},
		{"locale", "string", "Locale", "*string"},
		{"job_title", "string", "JobTitle", "*string"},
		{"preferred_contact_channel_for_news", "string", "PreferredContactChannelForNews", "*string"},
		{"x", "string", "X", "*string"},
		{"anniversary", "date", "Anniversary", "*Date"},
		{"second_timezone", "timezone", "SecondTimezone", "*string"},
		{"last_called_at", "timestamp", "LastCalledAt", "*time.Time"},
		{"name_middle", "string", "NameMiddle", "*string"},
		{"email2", "string", "Email2", "*string"},
		{"idx", "string", "Idx", "*string"},
	}
	if os.Getenv("CONTACT_EXHAUSTIVE") == "" {
		added = added[4:5]
	}
	root := t.TempDir()
	copyModule(t, root)
	for _, f := range added {
		t.Run(f.name, func(t *testing.T) {
			replaceIn(t, filepath.Join(root, "schema/contact.schema.json"), "    \"birthdate\": {\n",
				fmt.Sprintf("    %q: {\n      \"title\": \"New\",\n      \"description\": \"A new field.\",\n"+
					"      \"$ref\": \"#/$defs/%s\"\n    },\n    \"birthdate\": {\n", f.name, f.kind))
			replaceIn(t, filepath.Join(root, "contact.go"), "\tBirthdate ",
				fmt.Sprintf("\t%s %s `json:\"%s,omitempty\"`\n\tBirthdate ", f.goName, f.goType, f.name))
			run(t, root, "go", "generate", ".")
			out := run(t, root, "go", "run", "./testdata/newfield", f.name)
			require.Equal(t, "ok\n", out)
		})
	}
}

// TestRefusedSchemas: fieldgen stops at what the engine has no code for.
func TestRefusedSchemas(t *testing.T) {
	root := t.TempDir()
	copyModule(t, root)
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
		{`"title": "City",`, ``}:                                 "city: title and description are needed",
		{`    "id",`, ``}:                                        "id: the engine has code for a ID only where it is required",
		{`    "sms_verified",`, `    "sms_verified", "city",`}:   "city: the engine has code for a String only where it is optional",
		{`"$ref": "#/$defs/date"`, `"$ref": "#/$defs/no"`}:       "birthdate: a property is a $ref",
		{`"properties": {`, `"properties": 1, "x": {`}:           "json: cannot unmarshal",
	} {
		require.NoError(t, os.WriteFile(path, original, 0o600))
		replaceIn(t, path, change[0], change[1])
		out, err := exec.Command(tool, root).CombinedOutput()
		require.Error(t, err, want)
		require.Contains(t, string(out), want)
	}
}

// copyModule copies what is needed to build the module, without its tests.
func copyModule(t *testing.T, to string) {
	t.Helper()
	for _, folder := range []string{".", "schema", "internal", "testdata/newfield"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir():
				if folder == "." && path != "." {
					return fs.SkipDir
				}
				return nil
			case strings.HasSuffix(path, "_test.go"):
				return nil
			}
			switch filepath.Ext(path) {
			case ".go", ".json", ".mod", ".sum":
			default:
				return nil
			}
			text, err := os.ReadFile(path)
			if err == nil {
				err = os.MkdirAll(filepath.Join(to, filepath.Dir(path)), 0o700)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(to, path), text, 0o600)
			}
			return err
		}))
	}
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
	c := exec.Command(name, args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOOS=", "GOARCH=")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
