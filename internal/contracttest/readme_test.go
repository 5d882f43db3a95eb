package contracttest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// TestReadme holds the README to the code: its handler is the tested one, and its error is what the library says.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(readme), "## A handler")
	require.True(t, ok)
	_, handler, ok := strings.Cut(section, "```go\n")
	require.True(t, ok)
	handler, _, ok = strings.Cut(handler, "```\n")
	require.True(t, ok)
	example, err := os.ReadFile("contacthttp/example_test.go")
	require.NoError(t, err)
	require.Contains(t, string(example), handler)

	_, quoted, ok := strings.Cut(string(readme), "contact.ParsePatch([]byte(`")
	require.True(t, ok)
	body, _, ok := strings.Cut(quoted, "`")
	require.True(t, ok)
	require.Contains(t, string(readme), "```\n"+contact.CheckPatch([]byte(body)).Error()+"\n```\n")
	guide, err := os.ReadFile("docs/guide.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), "tzdb "+contact.TZDBVersion)
}

// TestReadingOrder: docs/design.md lists the files of the package, each once.
func TestReadingOrder(t *testing.T) {
	page, err := os.ReadFile("docs/design.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(page), "## Files in reading order")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for line := range strings.Lines(section) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), ".go |"); ok {
			listed = append(listed, name+".go")
		}
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	require.ElementsMatch(t, files, listed)
}

// TestCookbook: the code of the cookbook is that of the examples, which are tests.
func TestCookbook(t *testing.T) {
	page, err := os.ReadFile("docs/cookbook.md")
	require.NoError(t, err)
	var examples strings.Builder
	for _, name := range []string{"example_test.go", "schema/example_test.go", "contacthttp/example_test.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			examples.WriteString(strings.TrimPrefix(line, "\t"))
		}
		examples.Write(text) // whole functions, too
	}
	blocks := strings.Split(string(page), "```go\n")[1:]
	require.Greater(t, len(blocks), 14)
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "```\n")
		require.True(t, strings.Contains(examples.String(), code), "no example has\n%s", code)
	}
}

// TestTestCommands: go test passes where -run matches no test. So the commands that the pages give must name tests, and
// the folder that has them.
func TestTestCommands(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	pages = append(pages, "README.md", "testdata/README.md")
	command := regexp.MustCompile("`[^`]*go test -run '?([A-Za-z|]+)'? (\\.[a-z/]*)`")
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range command.FindAllStringSubmatch(string(text), -1) {
			found++
			files, err := filepath.Glob(m[2] + "/*_test.go")
			require.NoError(t, err)
			var tests strings.Builder
			for _, file := range files {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				tests.Write(text)
			}
			for name := range strings.SplitSeq(m[1], "|") {
				test := regexp.MustCompile(`\nfunc Test\w*` + strings.TrimPrefix(name, "Test") + `\w*\(`)
				require.True(t, test.MatchString(tests.String()), "%s: no test %s in %s", page, name, m[2])
			}
		}
	}
	require.Greater(t, found, 4)
}
